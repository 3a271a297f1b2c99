-- function check_migration_system_health()
-- The health of the migrated portal in five rows (C-058): New Tables, Performance Indexes, Migration Operations,
-- Database Connections, Overall System Health.  Objects are named, not counted (errata E-077, E-163, E-164); failures
-- that were dealt with do not count (E-116); columns are qualified (E-016).
-- Scores start at 100 and lose 20 for a missing table, 15 for a missing index, 10 for each unresolved failure (the
-- component not below 50), 10 for missing constraints, 10 for missing functions or views, 5 for missing triggers, 10
-- when 80 % of the connections are in use, 50 at 95 % (N-046 to N-051, N-054 to N-058, E-167).
-- Tests: tests/sql/test_check_migration_system_health.py
CREATE OR REPLACE FUNCTION check_migration_system_health()
RETURNS TABLE (component text, status text, details text, health_score integer)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    WITH lacking AS MATERIALIZED (
        SELECT m.kind, concat_ws(' ', nullif(m.on_table, ''), m.name, m.finding) AS what FROM missing_objects() AS m
    ), kinds AS (
        SELECT e.kind, count(*) AS expected FROM expected_objects() AS e
        WHERE e.phase <> 'legacy' AND e.definition IS DISTINCT FROM 'dropped'
        GROUP BY e.kind
    ), failures AS (
        SELECT count(*) AS failed, min(f.operation) AS example FROM unresolved_failures AS f
    ), parts AS (
        SELECT 1 AS place, 'New Tables' AS component,
               CASE WHEN count(*) = 0 THEN 'HEALTHY' ELSE 'DEGRADED' END AS status,
               coalesce(string_agg(l.what, ', ' ORDER BY l.what), 'all ' || (SELECT k.expected FROM kinds AS k WHERE k.kind = 'table') || ' tables present') AS details,
               CASE WHEN count(*) = 0 THEN 100 ELSE 80 END AS score,
               CASE WHEN count(*) = 0 THEN 0 ELSE 20 END AS deduction
        FROM lacking AS l WHERE l.kind = 'table'
        UNION ALL
        SELECT 2, 'Performance Indexes', CASE WHEN count(*) = 0 THEN 'HEALTHY' ELSE 'DEGRADED' END,
               coalesce(string_agg(l.what, ', ' ORDER BY l.what), 'all ' || (SELECT k.expected FROM kinds AS k WHERE k.kind = 'index') || ' indexes valid'),
               CASE WHEN count(*) = 0 THEN 100 ELSE 75 END, CASE WHEN count(*) = 0 THEN 0 ELSE 15 END
        FROM lacking AS l WHERE l.kind = 'index'
        UNION ALL
        SELECT 3, 'Migration Operations', CASE WHEN f.failed = 0 THEN 'HEALTHY' ELSE 'WARNING' END,
               CASE WHEN f.failed = 0 THEN 'no unresolved failure'
                    ELSE f.failed || ' unresolved failures, for example ' || f.example END,
               greatest(50, 100 - 10 * f.failed)::integer, 10 * f.failed::integer
        FROM failures AS f
        UNION ALL
        SELECT 4, 'Database Connections',
               CASE WHEN u.percent < 80 THEN 'HEALTHY' WHEN u.percent < 95 THEN 'WARNING' ELSE 'CRITICAL' END,
               u.used || ' of ' || u.usable || ' connections in use (' || u.percent || '%)',
               CASE WHEN u.percent < 80 THEN 100 WHEN u.percent < 95 THEN 90 ELSE 50 END,
               CASE WHEN u.percent < 80 THEN 0 WHEN u.percent < 95 THEN 10 ELSE 50 END
        FROM connection_use() AS u
    ), others AS (
        SELECT count(*) FILTER (WHERE l.kind = 'constraint' OR l.kind = 'column') AS rules,
               count(*) FILTER (WHERE l.kind IN ('function', 'view')) AS code,
               count(*) FILTER (WHERE l.kind = 'trigger') AS triggers,
               string_agg(l.what, ', ' ORDER BY l.what) FILTER (WHERE l.kind NOT IN ('table', 'index')) AS what
        FROM lacking AS l
    ), total AS (
        SELECT greatest(0, 100 - sum(p.deduction)
                           - CASE WHEN max(o.rules) > 0 THEN 10 ELSE 0 END
                           - CASE WHEN max(o.code) > 0 THEN 10 ELSE 0 END
                           - CASE WHEN max(o.triggers) > 0 THEN 5 ELSE 0 END)::integer AS score,
               max(o.what) AS what
        FROM parts AS p CROSS JOIN others AS o
    )
    SELECT r.component, r.status, r.details, r.score
    FROM (
        SELECT p.place, p.component, p.status, p.details, p.score FROM parts AS p
        UNION ALL
        SELECT 5, 'Overall System Health',
               CASE WHEN t.score >= 90 THEN 'EXCELLENT' WHEN t.score >= 75 THEN 'GOOD' WHEN t.score >= 50 THEN 'FAIR' ELSE 'POOR' END,
               'system health score: ' || t.score || '%' || coalesce('; missing: ' || t.what, ''), t.score
        FROM total AS t
    ) AS r
    ORDER BY r.place
$body$;
COMMENT ON FUNCTION check_migration_system_health() IS 'health of the migrated portal: tables, indexes, operations, connections, overall';
