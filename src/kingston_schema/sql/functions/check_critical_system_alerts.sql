-- function check_critical_system_alerts()
-- What somebody should look at now, or one INFO row (C-061, N-076 to N-079): unresolved failures of the last 24 h,
-- benchmarks out of tolerance of the last 6 h, constraint errors of the last 12 h, connections (80 % and 95 %, errata
-- E-167), summaries that wait longer than an hour (N-089), objects that are missing or not valid.
-- Tests: tests/sql/test_check_critical_system_alerts.py
CREATE OR REPLACE FUNCTION check_critical_system_alerts()
RETURNS TABLE (alert_type text, severity text, message text, action_required text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    WITH alerts AS (
        SELECT 1 AS place, 'Migration Failure' AS alert_type, 'CRITICAL' AS severity,
               count(*) || ' failed operations in the last 24 hours, for example ' || min(f.operation) AS message,
               'SELECT * FROM unresolved_failures; repair and repeat, or go back: kingston rollback' AS action_required
        FROM unresolved_failures AS f WHERE f.started_at > clock_timestamp() - interval '24 hours' HAVING count(*) > 0
        UNION ALL
        SELECT 2, 'Performance Degradation', 'WARNING',
               'out of tolerance in the last 6 hours: ' || string_agg(DISTINCT b.test_name, ', '),
               'SELECT * FROM performance_comparison_dashboard; compare the plans in performance_baselines'
        FROM migration_benchmarks AS b
        WHERE NOT b.within_tolerance AND b.recorded_at > clock_timestamp() - interval '6 hours' HAVING count(*) > 0
        UNION ALL
        SELECT 3, 'Constraint Violations', 'ERROR', count(*) || ' operations failed on a constraint in the last 12 hours',
               'SELECT operation, error_message FROM migration_log WHERE error_message ILIKE ''%violates%constraint%'''
        FROM migration_log AS l
        WHERE l.error_message ILIKE '%violates%constraint%' AND l.resolved_at IS NULL
          AND l.started_at > clock_timestamp() - interval '12 hours' HAVING count(*) > 0
        UNION ALL
        SELECT 4, 'High Connection Count', CASE WHEN u.percent >= 95 THEN 'CRITICAL' ELSE 'WARNING' END,
               u.used || ' of ' || u.usable || ' connections in use (' || u.percent || '%)',
               'look at pg_stat_activity; limit the pools of the application'
        FROM connection_use() AS u WHERE u.percent >= 80
        UNION ALL
        SELECT 5, 'Stale Summaries', 'WARNING',
               count(DISTINCT d.client_group_id) || ' client groups changed and wait since ' || date_trunc('second', min(d.marked_at)),
               'SELECT * FROM refresh_dirty_summaries()'
        FROM summary_dirty AS d HAVING min(d.marked_at) < clock_timestamp() - interval '1 hour'
        UNION ALL
        SELECT 6, 'Damaged Schema', 'ERROR',
               string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '), 'SELECT * FROM missing_objects()'
        FROM missing_objects() AS m HAVING count(*) > 0
    )
    SELECT r.alert_type, r.severity, r.message, r.action_required
    FROM (
        SELECT a.* FROM alerts AS a
        UNION ALL
        SELECT 9, 'System Status', 'INFO', 'no alert', 'none' WHERE NOT EXISTS (SELECT 1 FROM alerts AS a)
    ) AS r
    ORDER BY r.place
$body$;
COMMENT ON FUNCTION check_critical_system_alerts() IS 'what somebody should look at now, or one INFO row';
