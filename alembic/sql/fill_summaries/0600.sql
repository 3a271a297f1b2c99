-- procedure @control@.fill_summaries()
-- Fills the three summaries, or brings restored ones up to date: client groups in order of id, committed
-- batch by batch (the batch adapts to about 250 ms; a batch holds no lock that the application could want).
-- Rows whose client group is gone are removed first.  What changes behind the position is marked by the
-- triggers, which stand already, and refreshed at the end.  After a crash the same CALL goes on behind the
-- last committed batch; after a completed run it starts again and writes only what differs.
-- Called by revision phase_6_summaries.  Tests: tests/revisions/test_phase_6_summaries.py
CREATE OR REPLACE PROCEDURE @control@.fill_summaries()
LANGUAGE plpgsql
AS $body$
DECLARE
    v_step CONSTANT text := 'fill_summaries';
    v_names CONSTANT text[] := ARRAY['client_complete_summary', 'client_ownership_summary', 'client_dense_summary'];
    v_lock CONSTANT bigint := hashtextextended('summaries of @schema@', 0);
    -- For a refresh that somebody began before us, of everything perhaps; nobody else waits in this queue.
    v_patience CONSTANT text := '10min';
    v_position bigint;
    v_batch integer := 200;
    v_groups bigint[];
    v_started timestamptz;
    v_elapsed interval;
    v_changed bigint[] := '{0,0,0}';
BEGIN
    INSERT INTO @control@.backfill_progress AS p (step, position, done, total, batch)
    VALUES (v_step, 0, 0, (SELECT count(*) FROM @schema@.client_groups), v_batch)
    ON CONFLICT (step) DO UPDATE
    SET position = 0, done = 0, total = EXCLUDED.total, batch = EXCLUDED.batch,
        started_at = clock_timestamp(), updated_at = clock_timestamp(), finished_at = NULL
    WHERE p.finished_at IS NOT NULL;
    SELECT p.position INTO v_position FROM @control@.backfill_progress AS p WHERE p.step = v_step;
    COMMIT;
    PERFORM set_config('lock_timeout', v_patience, true), pg_advisory_xact_lock(v_lock);
    DELETE FROM @schema@.client_complete_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM @schema@.client_groups AS g WHERE g.id = s.client_group_id);
    DELETE FROM @schema@.client_ownership_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM @schema@.client_groups AS g WHERE g.id = s.client_group_id);
    DELETE FROM @schema@.client_dense_summary AS s
    WHERE NOT EXISTS (SELECT 1 FROM @schema@.client_groups AS g WHERE g.id = s.client_group_id);
    COMMIT;
    LOOP
        PERFORM set_config('lock_timeout', v_patience, true), pg_advisory_xact_lock(v_lock);
        v_started := clock_timestamp();
        SELECT array_agg(n.id ORDER BY n.id) INTO v_groups
        FROM (SELECT g.id FROM @schema@.client_groups AS g WHERE g.id > v_position ORDER BY g.id LIMIT v_batch) AS n;
        EXIT WHEN v_groups IS NULL;
        FOR v_summary IN 1 .. cardinality(v_names) LOOP
            v_changed[v_summary] := v_changed[v_summary] + @schema@.apply_summary(v_names[v_summary], v_groups);
        END LOOP;
        v_position := v_groups[cardinality(v_groups)];
        v_elapsed := clock_timestamp() - v_started;
        UPDATE @control@.backfill_progress AS p
        SET position = v_position, done = p.done + cardinality(v_groups), batch = v_batch, updated_at = clock_timestamp()
        WHERE p.step = v_step;
        COMMIT;
        v_batch := CASE WHEN v_elapsed < interval '125 milliseconds' THEN least(2 * v_batch, 5000)
                        WHEN v_elapsed > interval '500 milliseconds' THEN greatest(v_batch / 2, 50)
                        ELSE v_batch END;
    END LOOP;
    COMMIT;
    PERFORM set_config('lock_timeout', v_patience, true);
    -- First this: refresh_dirty_summaries does nothing while the fill is not finished.
    UPDATE @control@.backfill_progress AS p
    SET updated_at = clock_timestamp(), finished_at = clock_timestamp()
    WHERE p.step = v_step;
    PERFORM @schema@.refresh_dirty_summaries();
    INSERT INTO @schema@.summary_refresh_log (summary_name, rows_changed, started_at, finished_at)
    SELECT n.name, n.changed, p.started_at, clock_timestamp()
    FROM @control@.backfill_progress AS p, unnest(v_names, v_changed) AS n (name, changed)
    WHERE p.step = v_step;
    PERFORM @control@.fresh_statistics(n.name) FROM unnest(v_names) AS n (name);
    COMMIT;
END
$body$;
COMMENT ON PROCEDURE @control@.fill_summaries() IS 'fills the three summaries of a portal in committed batches';
