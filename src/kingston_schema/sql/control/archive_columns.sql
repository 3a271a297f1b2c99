-- function @control@.archive_columns(text, text[])
-- Second part of taking columns out, milliseconds under the lock: the last changed rows are copied again, the copies
-- become "@archive@.<table>__<revision>" (primary key, values, quarantined_at, reason), and the columns are dropped.
-- Refuses where copy_columns has not run.  Repeatable.  Called by op.archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.archive_columns(p_table text, p_names text[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_archive text := @control@.column_archive(p_table, v_revision);
    v_copy text := @control@.column_copy(p_table, v_revision, 'copy');
    v_ours text[] := @control@.columns_to_archive(p_table, p_names);
    v_rows bigint := 0;
BEGIN
    IF cardinality(v_ours) > 0 THEN
        PERFORM @control@.take_locks(ARRAY[p_table]);
        IF to_regclass(format('@archive@.%I', v_copy)) IS NULL THEN
            RAISE EXCEPTION 'the values of % in % were not copied', array_to_string(v_ours, ', '), p_table
                USING ERRCODE = 'KS003', HINT = 'op.copy_columns comes before op.archive_columns';
        ELSIF split_part(obj_description(to_regclass(format('@archive@.%I', v_copy)), 'pg_class'), ',', 1)
              <> 'copied from file ' || pg_relation_filenode(to_regclass(quote_ident(p_table))) THEN
            RAISE EXCEPTION 'table % was rewritten while its columns were copied', p_table
                USING ERRCODE = 'KS004', HINT = 'run the same command again; it copies anew';
        END IF;
        PERFORM @control@.copy_changed_rows(p_table, v_revision, v_ours, 2147483647);
        EXECUTE format('DROP TRIGGER kingston_copy ON %I', p_table);
        EXECUTE format('ALTER TABLE %I %s', p_table,
                       (SELECT string_agg(format('DROP COLUMN %I', c.name), ', ') FROM unnest(v_ours) AS c (name)));
        EXECUTE format('DROP TABLE @archive@.%I', @control@.column_copy(p_table, v_revision, 'changed'));
        EXECUTE format('DROP TABLE IF EXISTS @archive@.%I', v_archive);
        EXECUTE format('ALTER TABLE @archive@.%I RENAME TO %I', v_copy, v_archive);
        EXECUTE format('COMMENT ON TABLE @archive@.%I IS %L', v_archive, 'Values of columns that ' || v_revision
                       || ' added to ' || p_table || ', by primary key');
        UPDATE @control@.backfill_progress AS b SET finished_at = clock_timestamp(), updated_at = clock_timestamp()
         WHERE b.step = 'archive ' || p_table
        RETURNING b.done INTO v_rows;
        PERFORM @control@.log_movement('archived', p_table, v_archive, v_ours, v_rows);
    END IF;
    UPDATE @control@.ledger AS l SET removed_at = clock_timestamp()
     WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
    RETURN v_rows;
END
$function$;
