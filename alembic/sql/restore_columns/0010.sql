-- procedure @control@.restore_columns(text, text[])
-- Put archived values back into the rows that are still there, in committed batches of about 25 ms: first page by page of
-- the table as it lies, so that rows keep the order in which they are read without ORDER BY as far as an update can keep
-- it; then, by key, rows that were held or moved meanwhile.  A value that was written meanwhile (a column somebody added
-- below under that name) stays: the latest write wins.  What could not go back, because of that or because its row was
-- deleted, stays in the archive, marked with the reason.
-- Resumes after a crash: what is restored has left the archive in the same transaction.
-- Progress: @control@.backfill_progress, step restore <table>.
-- Called by op.restore_columns.  Tests: tests/ddl/test_columns.py, tests/promises/test_conflicts.py
CREATE OR REPLACE PROCEDURE @control@.restore_columns(p_table text, p_names text[])
LANGUAGE plpgsql
AS $procedure$
DECLARE
    c_cap CONSTANT interval := interval '60 seconds';
    v_archive text := @control@.column_archive(p_table, current_setting('kingston.revision', true));
    v_step text := 'restore ' || p_table;
    v_table regclass := format('@schema@.%I', p_table)::regclass;
    v_key text;
    v_set text;
    v_taken text;
    v_statement text;
    v_pages bigint;
    v_page bigint := 0;
    v_range integer := 10;
    v_keys text;
    v_last text;
    v_gone bigint;
    v_settled record;
    v_total bigint;
    v_back bigint := 0;
    v_kept bigint := 0;
    v_pending boolean;
    v_started timestamptz;
    v_progress timestamptz := clock_timestamp();
    v_ms double precision;
BEGIN
    IF to_regclass(format('@archive@.%I', v_archive)) IS NULL THEN
        RETURN;
    END IF;
    v_key := @control@.only_key(p_table);
    -- A column of another type (somebody's own, made below) takes nothing back.
    SELECT coalesce(string_agg(format('%1$I = coalesce(t.%1$I, a.%1$I)', n.name), ', ') FILTER (WHERE n.fits),
                    format('%1$I = t.%1$I', v_key)),
           string_agg(format(CASE WHEN n.fits THEN 'CASE WHEN a.%1$I::text <> t.%1$I::text THEN %2$L END'
                                  ELSE 'CASE WHEN a.%1$I IS NOT NULL THEN %2$L END' END, n.name,
                             n.name || CASE WHEN n.fits THEN '' ELSE ' (' || n.type || ' now)' END), ', ')
      INTO v_set, v_taken
      FROM (SELECT n.name, format_type(o.atttypid, o.atttypmod) AS type,
                   o.atttypid = c.atttypid AND o.atttypmod IN (-1, c.atttypmod) AS fits
              FROM unnest(p_names) AS n (name)
              JOIN pg_attribute AS c ON c.attrelid = format('@archive@.%I', v_archive)::regclass AND c.attname = n.name
               AND NOT c.attisdropped
              JOIN pg_attribute AS o ON o.attrelid = v_table AND o.attname = n.name AND NOT o.attisdropped) AS n;
    -- Whether a value was taken is judged by the row as it was written, not as it was read.
    v_statement := format(
        'WITH written AS (UPDATE %1$s AS t SET %2$s FROM @archive@.%3$I AS a'
        '  WHERE t.%4$I = a.%4$I AND a.quarantined_at IS NULL AND (%%s)'
        '  RETURNING t.%4$I AS key, concat_ws('', '', %5$s) AS taken),'
        ' kept AS (UPDATE @archive@.%3$I AS a SET quarantined_at = clock_timestamp(),'
        '  reason = ''a newer value stands in '' || w.taken FROM written AS w'
        '  WHERE w.taken <> '''' AND a.%4$I = w.key AND a.quarantined_at IS NULL),'
        ' back AS (DELETE FROM @archive@.%3$I AS a USING written AS w'
        '  WHERE w.taken = '''' AND a.%4$I = w.key AND a.quarantined_at IS NULL)'
        ' SELECT count(*) FILTER (WHERE w.taken = '''') AS back, count(*) FILTER (WHERE w.taken <> '''') AS kept'
        ' FROM written AS w', v_table, v_set, v_archive, v_key, v_taken);
    EXECUTE format('SELECT count(*) FROM @archive@.%I WHERE quarantined_at IS NULL', v_archive) INTO v_total;
    INSERT INTO @control@.backfill_progress AS b (step, total) VALUES (v_step, v_total)
    ON CONFLICT (step) DO UPDATE SET done = 0, total = EXCLUDED.total, started_at = clock_timestamp(), finished_at = NULL;
    EXECUTE format('ANALYZE @archive@.%I', v_archive);
    IF v_total > 0 THEN
        v_pages := pg_relation_size(v_table) / current_setting('block_size')::bigint;
    END IF;
    COMMIT;

    WHILE v_page < v_pages LOOP
        v_started := clock_timestamp();
        -- A few rows here, any number in the archive: anything but a look at its index would be a scan per batch.
        PERFORM set_config('lock_timeout', '50ms', true), set_config('jit', 'off', true),
                set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true);
        BEGIN
            EXECUTE format(v_statement, format('t.ctid >= %L::tid AND t.ctid < %L::tid', format('(%s,0)', v_page),
                                               format('(%s,0)', least(v_pages, v_page + v_range)))) INTO v_settled;
            v_back := v_back + v_settled.back;
            v_kept := v_kept + v_settled.kept;
        EXCEPTION WHEN lock_not_available THEN
            NULL;  -- somebody holds one of these rows: by key, below
        END;
        UPDATE @control@.backfill_progress AS b
           SET position = v_page, done = v_back, batch = v_range, updated_at = clock_timestamp() WHERE b.step = v_step;
        COMMIT;
        v_page := v_page + v_range;
        v_ms := extract(epoch FROM clock_timestamp() - v_started) * 1000;
        v_range := CASE WHEN v_ms < 15 THEN least(200, v_range * 3 / 2 + 1) WHEN v_ms > 35 THEN greatest(4, v_range * 2 / 3)
                        ELSE v_range END;
    END LOOP;

    LOOP
        v_last := NULL;
        LOOP
            EXECUTE format('SELECT array_agg(n.key)::text, max(n.key)::text FROM (SELECT a.%1$I AS key FROM @archive@.%2$I AS a'
                           ' WHERE a.quarantined_at IS NULL %3$s ORDER BY a.%1$I LIMIT 500) AS n', v_key, v_archive,
                           CASE WHEN v_last IS NULL THEN '' ELSE format('AND a.%I > %L', v_key, v_last) END)
               INTO v_keys, v_last;
            EXIT WHEN v_keys IS NULL;
            EXECUTE format('UPDATE @archive@.%1$I AS a SET quarantined_at = clock_timestamp(), reason = %2$L'
                           ' WHERE a.%3$I = ANY (%4$L) AND a.quarantined_at IS NULL'
                           ' AND NOT EXISTS (SELECT 1 FROM %5$s AS t WHERE t.%3$I = a.%3$I)', v_archive,
                           'the row was deleted from ' || p_table || ' below', v_key, v_keys, v_table);
            GET DIAGNOSTICS v_gone = ROW_COUNT;
            EXECUTE format('SELECT array_agg(n.key)::text FROM (SELECT t.%1$I AS key FROM %2$s AS t'
                           ' WHERE t.%1$I = ANY (%3$L) FOR NO KEY UPDATE SKIP LOCKED) AS n', v_key, v_table, v_keys)
               INTO v_keys;
            EXECUTE format(v_statement, format('t.%I = ANY (%L)', v_key, coalesce(v_keys, '{}'))) INTO v_settled;
            v_back := v_back + v_settled.back;
            v_kept := v_kept + v_gone + v_settled.kept;
            UPDATE @control@.backfill_progress AS b SET done = v_back, updated_at = clock_timestamp() WHERE b.step = v_step;
            COMMIT;
            IF v_gone + v_settled.back + v_settled.kept > 0 THEN
                v_progress := clock_timestamp();
            END IF;
        END LOOP;
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM @archive@.%I WHERE quarantined_at IS NULL)', v_archive) INTO v_pending;
        EXIT WHEN NOT v_pending;
        IF clock_timestamp() - v_progress > c_cap THEN
            RAISE EXCEPTION 'rows of % with archived values have been held by other transactions for %', p_table, c_cap
                USING ERRCODE = '55P03', HINT = 'end the transactions that hold them and run the same command again';
        END IF;
        PERFORM pg_sleep(0.05);
    END LOOP;

    UPDATE @control@.backfill_progress AS b SET finished_at = clock_timestamp() WHERE b.step = v_step;
    PERFORM @control@.log_movement('restored', p_table, v_archive, p_names, v_back);
    IF v_kept > 0 THEN
        PERFORM @control@.log_movement('quarantined', p_table, v_archive, p_names, v_kept,
                                       'the row was deleted below, or a newer value stands in it');
    END IF;
    COMMIT;
END
$procedure$;
