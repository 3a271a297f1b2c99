-- procedure @control@.restore_columns(text, text[])
-- Put archived values back into the rows that are still there, in key order, one committed batch of 2,000 at a time.
-- A value that was written meanwhile (a column somebody added below under that name) stays: the latest write wins.
-- What could not go back, because of that or because its row was deleted, stays in the archive, marked with the reason.
-- Resumes after a crash: what is restored has left the archive in the same transaction.
-- Called by op.restore_columns.  Tests: tests/ddl/test_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE PROCEDURE @control@.restore_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    v_archive text := @control@.column_archive(p_table, current_setting('kingston.revision', true));
    v_step text := 'restore ' || p_table;
    v_key text;
    v_join text;
    v_set text;
    v_taken text;
    v_batch bigint;
    v_restored bigint;
    v_total bigint;
    v_done bigint := 0;
    v_back bigint := 0;
BEGIN
    IF to_regclass(format('@archive@.%I', v_archive)) IS NULL THEN
        RETURN;
    END IF;
    SELECT string_agg(format('%I', a.attname), ', '), string_agg(format('t.%1$I = a.%1$I', a.attname), ' AND '),
           min(format('%1$I = t.%1$I', a.attname))
      INTO v_key, v_join, v_set
      FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = format('@schema@.%I', p_table)::regclass AND i.indisprimary;
    -- A column of another type (somebody's own, made below) takes nothing back.
    SELECT coalesce(string_agg(format('%1$I = coalesce(t.%1$I, a.%1$I)', n.name), ', ')
                        FILTER (WHERE n.fits), v_set),
           string_agg(format(CASE WHEN n.fits THEN 'CASE WHEN a.%1$I::text <> t.%1$I::text THEN %2$L END'
                                  ELSE 'CASE WHEN a.%1$I IS NOT NULL THEN %2$L END' END, n.name,
                             n.name || CASE WHEN n.fits THEN '' ELSE ' (' || n.type || ' now)' END), ', ')
      INTO v_set, v_taken
      FROM (SELECT n.name, format_type(o.atttypid, o.atttypmod) AS type,
                   o.atttypid = c.atttypid AND o.atttypmod IN (-1, c.atttypmod) AS fits
              FROM unnest(p_names) AS n (name)
              JOIN pg_attribute AS c ON c.attrelid = format('@archive@.%I', v_archive)::regclass AND c.attname = n.name
               AND NOT c.attisdropped
              JOIN pg_attribute AS o ON o.attrelid = format('@schema@.%I', p_table)::regclass AND o.attname = n.name
               AND NOT o.attisdropped) AS n;
    EXECUTE format('SELECT count(*) FROM @archive@.%I WHERE quarantined_at IS NULL', v_archive) INTO v_total;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (v_step, v_total)
    ON CONFLICT (step) DO UPDATE SET done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    COMMIT;
    LOOP
        -- Whether a value was taken is judged by the row as it was written, not as it was read.
        EXECUTE format(
            'WITH batch AS MATERIALIZED (SELECT * FROM @archive@.%1$I WHERE quarantined_at IS NULL ORDER BY %2$s LIMIT 2000),'
            ' written AS (UPDATE @schema@.%3$I AS t SET %4$s FROM batch AS a WHERE %5$s'
            ' RETURNING a.*, concat_ws('', '', %6$s) AS taken),'
            ' back AS (DELETE FROM @archive@.%1$I AS t USING written AS a'
            ' WHERE %5$s AND t.quarantined_at IS NULL AND a.taken = '''' RETURNING 1),'
            ' kept AS (UPDATE @archive@.%1$I AS t SET quarantined_at = clock_timestamp(),'
            ' reason = coalesce(''a newer value stands in '' || w.taken, %7$L)'
            ' FROM batch AS a LEFT JOIN written AS w ON %8$s'
            ' WHERE %5$s AND t.quarantined_at IS NULL AND w.taken IS DISTINCT FROM '''')'
            ' SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM back)',
            v_archive, v_key, p_table, v_set, v_join, v_taken, 'the row was deleted from ' || p_table || ' below',
            replace(v_join, 't.', 'w.')) INTO v_batch, v_restored;
        EXIT WHEN v_batch = 0;
        v_done := v_done + v_batch;
        v_back := v_back + v_restored;
        UPDATE @control@.backfill_progress AS b SET done = v_done, updated_at = clock_timestamp() WHERE b.step = v_step;
        COMMIT;
    END LOOP;
    UPDATE @control@.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = v_step;
    PERFORM @control@.log_movement('restored', p_table, v_archive, p_names, v_back);
    IF v_done > v_back THEN
        PERFORM @control@.log_movement('quarantined', p_table, v_archive, p_names, v_done - v_back,
                                       'the row was deleted below, or a newer value stands in it');
    END IF;
    COMMIT;
END
$procedure$;
