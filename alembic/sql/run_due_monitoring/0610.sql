-- function run_due_monitoring()
-- Runs every active schedule that is due, records what it found in monitoring_results, and sets the next time.  An
-- error in one is recorded as failed with alert level ERROR and stops none of the others.  Two callers at a time share
-- the work (SKIP LOCKED).  Results older than 90 days are ended (purge_monitoring_results).
-- Called by whatever runs things by the clock, for example once a minute: SELECT * FROM run_due_monitoring().
-- Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION run_due_monitoring()
RETURNS TABLE (monitoring_type text, status text, alert_level text)
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_due record;
    v_result record;
    v_state text;
    v_message text;
BEGIN
    FOR v_due IN
        SELECT s.id, s.monitoring_type, s.frequency_minutes
        FROM monitoring_schedule AS s
        WHERE s.active AND (s.next_execution IS NULL OR s.next_execution <= clock_timestamp())
        ORDER BY s.next_execution NULLS FIRST, s.id
        FOR UPDATE SKIP LOCKED
    LOOP
        BEGIN
            SELECT 'completed' AS status, m.results, m.alert_level INTO v_result FROM run_monitoring(v_due.monitoring_type) AS m;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT;
            SELECT 'failed' AS status, jsonb_build_object('sqlstate', v_state, 'error', v_message) AS results, 'ERROR' AS alert_level
            INTO v_result;
        END;
        INSERT INTO monitoring_results (monitoring_type, status, results, alert_level)
        VALUES (v_due.monitoring_type, v_result.status, v_result.results, v_result.alert_level);
        UPDATE monitoring_schedule AS s
        SET last_executed = clock_timestamp(), next_execution = clock_timestamp() + make_interval(mins => v_due.frequency_minutes)
        WHERE s.id = v_due.id;
        RETURN QUERY SELECT v_due.monitoring_type::text, v_result.status, v_result.alert_level;
    END LOOP;
    PERFORM purge_monitoring_results();
END
$body$;
COMMENT ON FUNCTION run_due_monitoring() IS 'runs every schedule that is due and records what it found';
