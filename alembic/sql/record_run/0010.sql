-- function @control@.record_run(uuid, text, text, text, text, numeric, bigint, text, json, integer, text)
-- The start and the end of one revision in the journal and, while it exists, in migration_log (C-001).
-- p_failed_step: the step that raised p_error.  p_settled: how a later run found the end of one that broke off.
-- Called by the runner on its second connection.  Tests: tests/ddl/test_run.py
CREATE OR REPLACE FUNCTION @control@.record_run(
    p_run uuid, p_revision text, p_direction text, p_phase text, p_status text,
    p_seconds numeric, p_rows bigint, p_error text, p_detail json, p_failed_step integer DEFAULT NULL,
    p_settled text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_started timestamptz;
BEGIN
    IF p_status = 'started' THEN
        INSERT INTO @control@.journal (run_id, revision, direction, status, detail)
        VALUES (p_run, p_revision, p_direction, 'started', p_detail::jsonb);
        UPDATE @control@.runner AS r SET revision = p_revision, direction = p_direction, heartbeat_at = clock_timestamp()
         WHERE r.run_id = p_run;
        RETURN;
    END IF;
    UPDATE @control@.journal AS j
       SET status = p_status, seconds = p_seconds, rows_moved = p_rows, error = coalesce(p_error, j.error),
           finished_at = clock_timestamp(), settled = p_settled
     WHERE j.run_id = p_run AND j.revision = p_revision AND j.direction = p_direction
       AND j.status IN ('started', 'unknown')
    RETURNING j.started_at INTO v_started;
    IF NOT FOUND THEN  -- the journal itself was made by this revision
        v_started := clock_timestamp() - make_interval(secs => p_seconds::double precision);
        INSERT INTO @control@.journal (run_id, revision, direction, status, seconds, rows_moved, error, detail,
                                       started_at, finished_at)
        VALUES (p_run, p_revision, p_direction, p_status, p_seconds, p_rows, p_error, p_detail::jsonb,
                v_started, clock_timestamp());
    END IF;
    IF p_status = 'unknown' THEN
        RETURN;
    END IF;
    IF p_status = 'completed' AND p_settled IS NULL THEN  -- the acknowledgement of the last step comes with this call
        UPDATE @control@.step_journal AS s SET acknowledged_at = clock_timestamp()
         WHERE s.run_id = p_run AND s.revision = p_revision AND s.direction = p_direction AND s.acknowledged_at IS NULL;
    END IF;
    PERFORM @control@.settle_steps(p_run, p_revision, p_direction, p_status = 'completed', p_failed_step,
                                   coalesce(p_settled, 'committed with the revision'));
    IF to_regclass('@schema@.migration_log') IS NOT NULL THEN
        INSERT INTO @schema@.migration_log (run_id, phase, operation, status, error_message,
                                            execution_time_seconds, rows_affected, started_at, completed_at)
        VALUES (p_run, CASE p_direction WHEN 'down' THEN 'rollback' ELSE p_phase END,
                p_direction || ' ' || p_revision,
                CASE WHEN p_status = 'completed' AND p_direction = 'down' THEN 'rolled_back' ELSE p_status END,
                p_error, p_seconds, p_rows, v_started, clock_timestamp());
    END IF;
END
$function$;
