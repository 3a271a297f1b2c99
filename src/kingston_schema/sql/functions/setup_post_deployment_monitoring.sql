-- function setup_post_deployment_monitoring()
-- Puts the four schedules of document 000 in place (C-060, N-075); one that is there stays as it is, however often this
-- is called (errata E-105, E-204).  Returns how many it added.
-- Called by the seed monitoring_schedule and by administrators.  Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION setup_post_deployment_monitoring() RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_added integer;
BEGIN
    INSERT INTO monitoring_schedule (monitoring_type, frequency_minutes, next_execution)
    SELECT s.name, s.minutes, clock_timestamp() + make_interval(mins => s.minutes)
    FROM (VALUES ('system_health_check', 15), ('performance_test_suite', 60), ('index_usage_analysis', 360),
                 ('constraint_validation', 1440)) AS s (name, minutes)
    ON CONFLICT (monitoring_type) DO NOTHING;
    GET DIAGNOSTICS v_added = ROW_COUNT;
    IF v_added > 0 THEN
        INSERT INTO migration_log (phase, operation, status, rows_affected, completed_at)
        VALUES ('post_deployment', 'monitoring_setup', 'completed', v_added, clock_timestamp());
    END IF;
    RETURN v_added;
END
$body$;
COMMENT ON FUNCTION setup_post_deployment_monitoring() IS 'adds the four schedules that are missing; returns how many';
