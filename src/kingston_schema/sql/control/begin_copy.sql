-- function @control@.begin_copy(text, text, text[])
-- What copy_columns needs, in one transaction: the table that takes the copies, with what the archive keeps already; the
-- table of notes; the trigger that writes them; the progress row.  The comment of the first says which file was copied
-- from (after a rewrite of the table its pages are others), and whether the archive holds values that have not come back
-- yet because an upgrade was interrupted.
-- Called by copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.begin_copy(p_table text, p_revision text, p_names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_key text := @control@.only_key(p_table);
    v_archive text := @control@.column_archive(p_table, p_revision);
    v_copy text := @control@.column_copy(p_table, p_revision, 'copy');
    v_changed text := @control@.column_copy(p_table, p_revision, 'changed');
    v_columns text;
    v_waiting boolean := false;
    v_rows bigint := 0;
BEGIN
    EXECUTE format('CREATE TABLE @archive@.%I AS SELECT t.%I, %s, NULL::timestamptz AS quarantined_at, NULL::text AS reason'
                   ' FROM %I AS t WHERE false', v_copy, v_key,
                   (SELECT string_agg(format('t.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), p_table);
    IF to_regclass(format('@archive@.%I', v_archive)) IS NOT NULL THEN
        SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ')
          INTO v_columns FROM pg_attribute AS a
         WHERE a.attrelid = to_regclass(format('@archive@.%I', v_archive)) AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('ALTER TABLE @archive@.%I %s', v_copy, v_columns);
        EXECUTE format('ALTER TABLE @archive@.%I %s', v_archive,
                       (SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname,
                                                 format_type(a.atttypid, a.atttypmod)), ', ')
                          FROM pg_attribute AS a
                         WHERE a.attrelid = to_regclass(quote_ident(p_table)) AND a.attname = ANY (p_names)));
        SELECT string_agg(format('%I', a.attname), ', ') INTO v_columns FROM pg_attribute AS a
         WHERE a.attrelid = to_regclass(format('@archive@.%I', v_archive)) AND a.attnum > 0 AND NOT a.attisdropped;
        EXECUTE format('INSERT INTO @archive@.%1$I (%2$s) SELECT %2$s FROM @archive@.%3$I AS a'
                       ' WHERE a.quarantined_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM %4$I AS t WHERE t.%5$I = a.%5$I)',
                       v_copy, v_columns, v_archive, p_table, v_key);
        EXECUTE format('SELECT count(*), EXISTS (SELECT 1 FROM @archive@.%1$I WHERE quarantined_at IS NULL)'
                       ' FROM @archive@.%2$I WHERE quarantined_at IS NULL', v_archive, v_copy) INTO v_rows, v_waiting;
    END IF;
    EXECUTE format('COMMENT ON TABLE @archive@.%I IS %L', v_copy,
                   'copied from file ' || pg_relation_filenode(to_regclass(quote_ident(p_table)))
                   || CASE WHEN v_waiting THEN ', values in the archive not back yet' ELSE '' END);
    EXECUTE format('CREATE TABLE @archive@.%I AS SELECT t.%I FROM %I AS t WHERE false', v_changed, v_key, p_table);
    INSERT INTO @control@.backfill_progress AS b (step, position, done) VALUES ('archive ' || p_table, 0, v_rows)
    ON CONFLICT (step) DO UPDATE SET position = 0, done = EXCLUDED.done, total = NULL, batch = NULL,
        started_at = clock_timestamp(), updated_at = clock_timestamp(), finished_at = NULL;
    PERFORM @control@.take_locks(ARRAY[p_table], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('CREATE OR REPLACE TRIGGER kingston_copy AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW'
                   ' EXECUTE FUNCTION @control@.note_changed_row(%L, %L)', p_table, v_changed, v_key);
    -- Also for sessions with session_replication_role = replica, which ordinary triggers do not see.
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER kingston_copy', p_table);
END
$function$;
