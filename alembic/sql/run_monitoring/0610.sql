-- function run_monitoring(text)
-- Runs one kind of monitoring now and returns what it found with an alert level:
--   system_health_check     check_migration_system_health() and check_critical_system_alerts()
--   performance_test_suite  run_performance_test_suite()
--   index_usage_analysis    index_usage: what is not valid, and what is unused
--   constraint_validation   missing or unvalidated rules, triggers that are off, links and documents apart
--   summary_refresh         refresh_dirty_summaries()
-- Errors: 22023 for any other kind (errata E-174: an unknown type is an error).
-- Called by run_due_monitoring.  Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION run_monitoring(p_monitoring_type text) RETURNS TABLE (results jsonb, alert_level text)
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    CASE p_monitoring_type
    WHEN 'system_health_check' THEN
        RETURN QUERY
        SELECT jsonb_build_object('health', h.rows, 'alerts', a.rows),
               CASE WHEN a.severities && '{CRITICAL}' THEN 'CRITICAL' WHEN a.severities && '{ERROR}' THEN 'ERROR'
                    WHEN a.severities && '{WARNING}' OR h.score < 90 THEN 'WARNING' ELSE 'INFO' END
        FROM (SELECT jsonb_agg(to_jsonb(c)) AS rows, min(c.health_score) AS score FROM check_migration_system_health() AS c) AS h
        CROSS JOIN (SELECT jsonb_agg(to_jsonb(c)) AS rows, array_agg(c.severity) AS severities FROM check_critical_system_alerts() AS c) AS a;
    WHEN 'performance_test_suite' THEN
        RETURN QUERY
        SELECT jsonb_agg(to_jsonb(t)), CASE WHEN bool_or(t.performance_grade = 'POOR') THEN 'WARNING' ELSE 'INFO' END
        FROM run_performance_test_suite() AS t;
    WHEN 'index_usage_analysis' THEN
        RETURN QUERY
        SELECT jsonb_build_object('indexes', count(*), 'bytes', sum(u.bytes),
                                  'not_valid', coalesce(jsonb_agg(u.index_name) FILTER (WHERE u.verdict = 'NOT VALID'), '[]'),
                                  'unused', coalesce(jsonb_agg(u.index_name) FILTER (WHERE u.verdict = 'UNUSED'), '[]')),
               CASE WHEN bool_or(u.verdict = 'NOT VALID') THEN 'ERROR' ELSE 'INFO' END
        FROM index_usage AS u;
    WHEN 'constraint_validation' THEN
        RETURN QUERY
        SELECT jsonb_build_object('lacking', m.rows, 'ownership_findings', r.findings),
               CASE WHEN m.rows IS NOT NULL OR r.findings > 0 THEN 'ERROR' ELSE 'INFO' END
        FROM (SELECT jsonb_agg(to_jsonb(o)) AS rows FROM missing_objects() AS o WHERE o.kind IN ('constraint', 'trigger')) AS m
        CROSS JOIN (SELECT count(*) AS findings FROM reconcile_ownership() AS o) AS r;
    WHEN 'summary_refresh' THEN
        RETURN QUERY SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]'), 'INFO' FROM refresh_dirty_summaries() AS s;
    ELSE
        RAISE EXCEPTION 'no monitoring is called "%"', coalesce(p_monitoring_type, 'NULL')
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'system_health_check, performance_test_suite, index_usage_analysis, constraint_validation or summary_refresh';
    END CASE;
END
$body$;
COMMENT ON FUNCTION run_monitoring(text) IS 'runs one kind of monitoring now; what it found and how bad it is';
