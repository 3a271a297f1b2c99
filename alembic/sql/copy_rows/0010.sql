-- function @control@.copy_rows(text, text, text[], text, text)
-- Copies of some rows while a rollback copies columns.  p_rows: a condition on the row t.  Rows in which all the columns
-- are NULL have no copy.  Where the archive holds a value that has not come back yet (an upgrade was interrupted), one
-- written since wins and the older is kept in quarantine; a column that is still empty keeps the archived value.
-- p_keys, an array as text: the rows with these keys are copied again, whatever became of them.
-- Returns how many copies there are more than before.
-- Called by copy_columns and copy_changed_rows.  Tests: tests/ddl/test_copy_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE FUNCTION @control@.copy_rows(
    p_table text, p_revision text, p_names text[], p_rows text, p_keys text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    c_newer CONSTANT text := 'a newer value was written before this one came back';
    v_key text := @control@.only_key(p_table);
    v_archive text := @control@.column_archive(p_table, p_revision);
    v_copy text := @control@.column_copy(p_table, p_revision, 'copy');
    v_waiting boolean := obj_description(to_regclass(format('@archive@.%I', v_copy)), 'pg_class') LIKE '%not back yet';
    v_names text := (SELECT string_agg(format('%I', c.name), ', ') FROM unnest(p_names) AS c (name));
    v_less bigint := 0;
    v_rows bigint;
BEGIN
    IF p_keys IS NOT NULL THEN
        EXECUTE format('DELETE FROM @archive@.%1$I AS c WHERE c.%2$I = ANY (%3$L) AND (c.quarantined_at IS NULL'
                       ' OR c.reason = %4$L AND c.quarantined_at >= (SELECT b.started_at FROM @control@.backfill_progress AS b'
                       ' WHERE b.step = %5$L))', v_copy, v_key, p_keys, c_newer, 'archive ' || p_table);
        GET DIAGNOSTICS v_less = ROW_COUNT;
    END IF;
    IF NOT v_waiting THEN
        EXECUTE format('INSERT INTO @archive@.%1$I (%2$I, %3$s) SELECT t.%2$I, %4$s FROM %5$I AS t WHERE (%6$s) AND (%7$s)',
                       v_copy, v_key, v_names,
                       (SELECT string_agg(format('t.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), p_table, p_rows,
                       (SELECT string_agg(format('t.%I IS NOT NULL', c.name), ' OR ') FROM unnest(p_names) AS c (name)));
        GET DIAGNOSTICS v_rows = ROW_COUNT;
        RETURN v_rows - v_less;
    END IF;
    EXECUTE format('INSERT INTO @archive@.%1$I (%2$I, %3$s) SELECT n.%2$I, %4$s FROM (SELECT * FROM %5$I AS t WHERE %6$s) AS t'
                   ' %7$s JOIN (SELECT * FROM @archive@.%8$I WHERE quarantined_at IS NULL %9$s) AS a ON a.%2$I = t.%2$I'
                   ' CROSS JOIN LATERAL (SELECT coalesce(t.%2$I, a.%2$I) AS %2$I) AS n WHERE %10$s', v_copy, v_key, v_names,
                   (SELECT string_agg(format('coalesce(t.%1$I, a.%1$I)', c.name), ', ') FROM unnest(p_names) AS c (name)),
                   p_table, p_rows, CASE WHEN p_keys IS NULL THEN 'LEFT' ELSE 'FULL' END, v_archive,
                   CASE WHEN p_keys IS NULL THEN '' ELSE format('AND %I = ANY (%L)', v_key, p_keys) END,
                   (SELECT string_agg(format('t.%1$I IS NOT NULL OR a.%1$I IS NOT NULL', c.name), ' OR ')
                      FROM unnest(p_names) AS c (name)));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    EXECUTE format('INSERT INTO @archive@.%1$I (%2$I, %3$s, quarantined_at, reason)'
                   ' SELECT a.%2$I, %4$s, clock_timestamp(), %5$L FROM %6$I AS t JOIN @archive@.%7$I AS a ON a.%2$I = t.%2$I'
                   ' WHERE (%8$s) AND a.quarantined_at IS NULL AND (%9$s)', v_copy, v_key, v_names,
                   (SELECT string_agg(format('a.%I', c.name), ', ') FROM unnest(p_names) AS c (name)), c_newer, p_table,
                   v_archive, p_rows,
                   (SELECT string_agg(format('a.%1$I::text <> t.%1$I::text', c.name), ' OR ') FROM unnest(p_names) AS c (name)));
    RETURN v_rows - v_less;
END
$function$;
