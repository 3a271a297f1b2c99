-- function @control@.record_run(uuid, text, text, text, text, numeric, bigint, text, json)
-- The start and the end of one revision in the journal and, while it exists, in migration_log (C-001).
-- Called by the runner on its second connection.  Tests: tests/ddl/test_run.py
CREATE OR REPLACE FUNCTION @control@.record_run(
    p_run uuid, p_revision text, p_direction text, p_phase text, p_status text,
    p_seconds numeric, p_rows bigint, p_error text, p_detail json
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
        RETURN;
    END IF;
    UPDATE @control@.journal AS j
       SET status = p_status, seconds = p_seconds, rows_moved = p_rows, error = p_error, finished_at = clock_timestamp()
     WHERE j.run_id = p_run AND j.revision = p_revision AND j.direction = p_direction AND j.status = 'started'
    RETURNING j.started_at INTO v_started;
    IF NOT FOUND THEN  -- the journal itself was made by this revision
        v_started := clock_timestamp() - make_interval(secs => p_seconds::double precision);
        INSERT INTO @control@.journal (run_id, revision, direction, status, seconds, rows_moved, error, detail,
                                       started_at, finished_at)
        VALUES (p_run, p_revision, p_direction, p_status, p_seconds, p_rows, p_error, p_detail::jsonb,
                v_started, clock_timestamp());
    END IF;
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
