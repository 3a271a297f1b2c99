SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_6_monitoring';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_6_monitoring -> phase_6_summaries

SELECT kingston.keep_grants('function', 'setup_post_deployment_monitoring()');

DROP FUNCTION IF EXISTS setup_post_deployment_monitoring();

SELECT kingston.keep_grants('function', 'run_due_monitoring()');

DROP FUNCTION IF EXISTS run_due_monitoring();

SELECT kingston.keep_grants('function', 'purge_monitoring_results(integer)');

DROP FUNCTION IF EXISTS purge_monitoring_results(integer);

SELECT kingston.keep_grants('function', 'run_monitoring(text)');

DROP FUNCTION IF EXISTS run_monitoring(text);

SELECT kingston.keep_grants('function', 'execute_enhanced_deployment_checklist()');

DROP FUNCTION IF EXISTS execute_enhanced_deployment_checklist();

SELECT kingston.keep_grants('function', 'deployment_decision()');

DROP FUNCTION IF EXISTS deployment_decision();

SELECT kingston.keep_grants('function', 'execute_deployment_checklist()');

DROP FUNCTION IF EXISTS execute_deployment_checklist();

SELECT kingston.keep_grants('function', 'backup_check()');

DROP FUNCTION IF EXISTS backup_check();

SELECT kingston.keep_grants('function', 'manual_check(text)');

DROP FUNCTION IF EXISTS manual_check(text);

SELECT kingston.keep_grants('function', 'check_critical_system_alerts()');

DROP FUNCTION IF EXISTS check_critical_system_alerts();

SELECT kingston.keep_grants('function', 'optimize_dense_query_performance()');

DROP FUNCTION IF EXISTS optimize_dense_query_performance();

SELECT kingston.keep_grants('function', 'monitor_dense_query_performance()');

DROP FUNCTION IF EXISTS monitor_dense_query_performance();

SELECT kingston.keep_grants('function', 'run_performance_test_suite()');

DROP FUNCTION IF EXISTS run_performance_test_suite();

SELECT kingston.keep_grants('function', 'check_migration_system_health()');

DROP FUNCTION IF EXISTS check_migration_system_health();

SELECT kingston.keep_grants('view', 'index_usage');

SELECT kingston.drop_view('index_usage');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'migration_completion');

SELECT kingston.drop_view('migration_completion');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'performance_comparison_dashboard');

SELECT kingston.drop_view('performance_comparison_dashboard');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'migration_monitoring_dashboard');

SELECT kingston.drop_view('migration_monitoring_dashboard');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'unresolved_failures');

SELECT kingston.drop_view('unresolved_failures');

COMMIT;

BEGIN;

-- function benchmark_queries()
-- The registry of queries that are measured: every name has exactly one text, so the run before the
-- migration and the run after it execute the same statement (errata E-076, E-137, E-146).
-- kind: baseline (measured in phase 1 and compared later) or probe (compared with limit_ms only).
-- minimum_rows: below that many rows a time says nothing, and the result is NULL (errata E-145).
-- The three baselines are those of document 000 (C-009) with the names of the real portal; rows are
-- ordered so that LIMIT takes the same rows each time.  The JSON probes (C-039, limits N-037, N-038) ask
-- with operators that the indexes serve, about keys that are really written (errata E-156, E-200).
-- Called by measure_query.  Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION benchmark_queries()
RETURNS TABLE (query_name text, kind text, limit_ms numeric, minimum_rows integer, query text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
VALUES
('client_data_retrieval'::text, 'baseline'::text, NULL::numeric, 10, $query$
    SELECT g.id, g.name, count(p.id) AS product_count
    FROM client_groups AS g
    LEFT JOIN client_products AS p ON p.client_id = g.id
    WHERE g.status = 'active'
    GROUP BY g.id
    ORDER BY g.id
    LIMIT 100
$query$::text),
('product_ownership_query', 'baseline', NULL, 10, $query$
    SELECT p.id, p.product_name, coalesce(o.known_as, concat(o.firstname, ' ', o.surname)) AS owner_name,
           l.created_at
    FROM client_products AS p
    JOIN product_owner_products AS l ON l.product_id = p.id
    JOIN product_owners AS o ON o.id = l.product_owner_id
    WHERE p.status = 'active'
    ORDER BY p.id, l.id
    LIMIT 100
$query$),
('portfolio_valuation_aggregation', 'baseline', NULL, 10, $query$
    SELECT p.id, sum(v.valuation) AS total_value
    FROM client_products AS p
    JOIN portfolios AS f ON f.id = p.portfolio_id
    JOIN portfolio_valuations AS v ON v.portfolio_id = f.id
    WHERE p.status = 'active'
    GROUP BY p.id
    ORDER BY p.id
    LIMIT 50
$query$),
('json_containment_query', 'probe', 100, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details @> '{"association_type": "joint_ownership"}'
    LIMIT 100
$query$),
('json_key_existence_query', 'probe', 100, 1, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ? (SELECT min(l.product_owner_id)::text FROM product_owner_products AS l)
$query$),
('json_path_query', 'probe', 150, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ->> 'association_type' = 'tenants_in_common'
    ORDER BY p.id
    LIMIT 100
$query$)
$body$;
COMMENT ON FUNCTION benchmark_queries() IS 'The named queries whose speed is measured, each with its one text';

SELECT kingston.give_back_grants('function', 'benchmark_queries()');

SELECT kingston.archive_table('deployment_signoff');

COMMIT;

BEGIN;

SELECT kingston.archive_table('monitoring_results');

COMMIT;

BEGIN;

SELECT kingston.archive_table('monitoring_schedule');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='phase_6_summaries' WHERE alembic_version.version_num = 'phase_6_monitoring';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_6_monitoring', '{"outcome": "done", "revision": "phase_6_monitoring", "detail": "by a script", "files": {"versions/0610_phase_6_monitoring.py": "SHA-256", "sql/backup_check/0610.sql": "SHA-256", "sql/benchmark_queries/0610.sql": "SHA-256", "sql/check_critical_system_alerts/0610.sql": "SHA-256", "sql/check_migration_system_health/0610.sql": "SHA-256", "sql/deployment_decision/0610.sql": "SHA-256", "sql/execute_deployment_checklist/0610.sql": "SHA-256", "sql/execute_enhanced_deployment_checklist/0610.sql": "SHA-256", "sql/index_usage/0610.sql": "SHA-256", "sql/manual_check/0610.sql": "SHA-256", "sql/migration_completion/0610.sql": "SHA-256", "sql/migration_monitoring_dashboard/0610.sql": "SHA-256", "sql/monitor_dense_query_performance/0610.sql": "SHA-256", "sql/monitoring_schedule/0610.sql": "SHA-256", "sql/optimize_dense_query_performance/0610.sql": "SHA-256", "sql/performance_comparison_dashboard/0610.sql": "SHA-256", "sql/purge_monitoring_results/0610.sql": "SHA-256", "sql/run_due_monitoring/0610.sql": "SHA-256", "sql/run_monitoring/0610.sql": "SHA-256", "sql/run_performance_test_suite/0610.sql": "SHA-256", "sql/setup_post_deployment_monitoring/0610.sql": "SHA-256", "sql/unresolved_failures/0610.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_6', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_6';
  END IF;
END $kingston$;

COMMIT;

