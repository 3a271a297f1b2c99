-- function @control@.archive_columns(text, text[])
-- Copy the values of our columns to "@archive@.<table>__<revision>" (primary key, values, quarantined_at, reason), then
-- drop the columns.  Rows in which all of them are NULL need no copy.  Where an unfinished upgrade has left a value in the
-- archive that had not come back yet, the one written since wins and the older is kept in quarantine.  Repeatable.
-- Called by op.archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.archive_columns(p_table text, p_names text[]) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_archive text := @control@.column_archive(p_table, v_revision);
    v_ours text[];
    v_key text;
    v_values text;
    v_any text;
    v_rows bigint;
BEGIN
    PERFORM @control@.take_locks(ARRAY[p_table]);
    -- A column without an entry in the ledger was there before us when an unfinished upgrade is being undone (the
    -- revision is not the recorded one then); in a portal that was stamped above legacy it is what the revision says.
    SELECT coalesce(array_agg(o.name ORDER BY o.ord), '{}') INTO v_ours
      FROM unnest(@control@.our_columns(p_table, p_names)) WITH ORDINALITY AS o (name, ord)
     WHERE EXISTS (SELECT 1 FROM @control@.ledger AS l WHERE l.table_name = p_table AND l.column_name = o.name
                      AND l.removed_at IS NULL)
        OR EXISTS (SELECT 1 FROM alembic_version AS v WHERE v.version_num = v_revision);
    IF cardinality(v_ours) = 0 THEN
        UPDATE @control@.ledger AS l SET removed_at = clock_timestamp()
         WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
        RETURN 0;
    END IF;
    SELECT string_agg(format('%I', a.attname), ', ') INTO v_key
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = v_oid AND i.indisprimary;
    SELECT string_agg(format('%I', c.name), ', '), string_agg(format('t.%I IS NOT NULL', c.name), ' OR ')
      INTO v_values, v_any FROM unnest(v_ours) AS c (name);
    IF to_regclass(format('@archive@.%I', v_archive)) IS NULL THEN
        EXECUTE format('CREATE TABLE @archive@.%I AS SELECT %s, %s, NULL::timestamptz AS quarantined_at, NULL::text AS reason'
                       ' FROM %I AS t WHERE %s', v_archive, v_key, v_values, p_table, v_any);
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        EXECUTE format('CREATE UNIQUE INDEX ON @archive@.%I (%s) WHERE quarantined_at IS NULL', v_archive, v_key);
    ELSE
        EXECUTE format('ALTER TABLE @archive@.%I %s', v_archive,
                       (SELECT string_agg(format('ADD COLUMN IF NOT EXISTS %I %s', a.attname,
                                                 format_type(a.atttypid, a.atttypmod)), ', ')
                          FROM pg_attribute AS a WHERE a.attrelid = v_oid AND a.attname = ANY (v_ours)));
        EXECUTE format('INSERT INTO @archive@.%1$I (%2$s, %3$s, quarantined_at, reason)'
                       ' SELECT %2$s, %4$s, clock_timestamp(), %7$L FROM @archive@.%1$I AS a JOIN %5$I AS t USING (%2$s)'
                       ' WHERE a.quarantined_at IS NULL AND (%6$s)', v_archive, v_key, v_values,
                       (SELECT string_agg(format('a.%I', c.name), ', ') FROM unnest(v_ours) AS c (name)), p_table,
                       (SELECT string_agg(format('a.%1$I::text <> t.%1$I::text', c.name), ' OR ') FROM unnest(v_ours) AS c (name)),
                       'a newer value was written before this one came back');
        EXECUTE format('INSERT INTO @archive@.%1$I AS a (%2$s, %3$s) SELECT %2$s, %3$s FROM %4$I AS t WHERE %5$s'
                       ' ON CONFLICT (%2$s) WHERE quarantined_at IS NULL DO UPDATE SET %6$s',
                       v_archive, v_key, v_values, p_table, v_any,
                       (SELECT string_agg(format('%1$I = coalesce(EXCLUDED.%1$I, a.%1$I)', c.name), ', ')
                          FROM unnest(v_ours) AS c (name)));
        GET DIAGNOSTICS v_rows = ROW_COUNT;
    END IF;
    EXECUTE format('ALTER TABLE %I %s', p_table,
                   (SELECT string_agg(format('DROP COLUMN %I', c.name), ', ') FROM unnest(v_ours) AS c (name)));
    UPDATE @control@.ledger AS l SET removed_at = clock_timestamp()
     WHERE l.table_name = p_table AND l.column_name = ANY (p_names) AND l.removed_at IS NULL;
    PERFORM @control@.log_movement('archived', p_table, v_archive, v_ours, v_rows);
    RETURN v_rows;
END
$function$;
