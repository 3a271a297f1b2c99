-- function execute_deployment_checklist()
-- The ten points before a deployment (C-062), each looked at on this database: PASS, WARNING, FAIL, or
-- MANUAL_CHECK_REQUIRED until somebody signs it off.  deployment_decision() says what follows from them.
-- Errata E-017, E-116 to E-118, E-139 to E-141, E-149, E-167: qualified names, unresolved failures only, objects by
-- name instead of counts, space compared with what the operator says is free (setting available_disk_bytes).
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION execute_deployment_checklist()
RETURNS TABLE (check_category text, check_item text, status text, details text, critical boolean)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    WITH lacking AS MATERIALIZED (
        SELECT m.kind, m.name, concat_ws(' ', nullif(m.on_table, ''), m.name, m.finding) AS what FROM missing_objects() AS m
    ), space AS (
        SELECT pg_database_size(current_database()) AS size,
               2 * coalesce(max(pg_total_relation_size(c.oid)), 0) AS needed,
               (SELECT CASE WHEN s.value ~ '^[0-9]{1,18}$' THEN s.value::bigint END
                FROM migration_control AS s WHERE s.setting = 'available_disk_bytes') AS free
        FROM pg_class AS c WHERE c.relnamespace = '@schema@'::regnamespace AND c.relkind = 'r'
    )
    SELECT p.check_category, p.check_item, p.status, p.details, p.critical
    FROM (
        SELECT 1 AS place, 'Backup Verification' AS check_category, 'Database backup exists and is valid' AS check_item,
               b.status, b.details, true AS critical
        FROM backup_check() AS b
        UNION ALL
        SELECT 2, 'Space Requirements', 'Free space', CASE WHEN s.free >= s.needed THEN 'PASS' ELSE 'WARNING' END,
               'database ' || pg_size_pretty(s.size) || ', largest table twice ' || pg_size_pretty(s.needed) || ', free '
               || coalesce(pg_size_pretty(s.free), 'unknown: set available_disk_bytes in migration_control'), false
        FROM space AS s
        UNION ALL
        SELECT 3, 'Database Connections', 'Connections in use',
               CASE WHEN u.percent < 80 THEN 'PASS' WHEN u.percent < 95 THEN 'WARNING' ELSE 'FAIL' END,
               u.used || ' of ' || u.usable || ' (' || u.percent || '%)', u.percent >= 95
        FROM connection_use() AS u
        UNION ALL
        SELECT 4, 'Core Tables', 'Critical tables present', CASE WHEN count(l.name) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce('missing: ' || string_agg(l.name, ', '), 'client_groups, client_products, product_owner_products present'), true
        FROM (VALUES ('client_groups'), ('client_products'), ('product_owner_products')) AS t (name)
        LEFT JOIN lacking AS l ON l.kind = 'table' AND l.name = t.name
        UNION ALL
        SELECT 5, 'Data Integrity', 'Active client groups exist', CASE WHEN count(*) > 0 THEN 'PASS' ELSE 'FAIL' END,
               count(*) || ' active client groups', true
        FROM client_groups AS g WHERE g.status = 'active'
        UNION ALL
        SELECT 6, 'Database Constraints', 'Constraints present and validated', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every constraint, the foreign keys of Phase 1 included'), true
        FROM lacking AS l WHERE l.kind = 'constraint'
        UNION ALL
        SELECT 7, 'Performance Indexes', 'Indexes present and valid', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'WARNING' END,
               coalesce(string_agg(l.what, ', '), 'every index'), false
        FROM lacking AS l WHERE l.kind = 'index'
        UNION ALL
        SELECT 8, 'Database Functions', 'Functions, views and triggers present', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every function by signature, every view, every trigger on'), true
        FROM lacking AS l WHERE l.kind IN ('function', 'view', 'trigger')
        UNION ALL
        SELECT 9, 'Migration Prerequisites', 'No failed migration operations', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce('unresolved: ' || string_agg(f.operation, ', '), 'no unresolved failure'), true
        FROM unresolved_failures AS f
        UNION ALL
        SELECT 10, 'Application Compatibility', 'API endpoint compatibility', m.status, m.details, true
        FROM manual_check('API endpoint compatibility') AS m
    ) AS p
    ORDER BY p.place
$body$;
COMMENT ON FUNCTION execute_deployment_checklist() IS 'the ten points before a deployment; deployment_decision() says what follows';
