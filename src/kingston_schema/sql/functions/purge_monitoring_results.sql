-- function purge_monitoring_results(integer)
-- Ends monitoring results older than so many days (90, as long as pghero keeps its space statistics; errata E-204);
-- returns how many.  Errors: 22023 for less than one day.
-- Called by run_due_monitoring.  Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION purge_monitoring_results(p_keep_days integer DEFAULT 90) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_purged bigint;
BEGIN
    IF p_keep_days IS NULL OR p_keep_days < 1 THEN
        RAISE EXCEPTION 'p_keep_days is %, but must be at least 1', coalesce(p_keep_days::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    DELETE FROM monitoring_results AS r WHERE r.executed_at < clock_timestamp() - make_interval(days => p_keep_days);
    GET DIAGNOSTICS v_purged = ROW_COUNT;
    RETURN v_purged;
END
$body$;
COMMENT ON FUNCTION purge_monitoring_results(integer) IS 'ends monitoring results older than so many days; returns how many';
