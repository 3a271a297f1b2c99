SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_6_monitoring';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_6_summaries -> phase_6_monitoring

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('monitoring_schedule') THEN
    CREATE TABLE monitoring_schedule (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      monitoring_type VARCHAR(50) NOT NULL,
      frequency_minutes INTEGER NOT NULL,
      last_executed TIMESTAMP WITH TIME ZONE,
      next_execution TIMESTAMP WITH TIME ZONE,
      active BOOLEAN DEFAULT true NOT NULL,
      CONSTRAINT monitoring_schedule_pkey PRIMARY KEY (id),
      CONSTRAINT monitoring_schedule_monitoring_type_key UNIQUE (monitoring_type),
      CONSTRAINT monitoring_schedule_frequency_minutes_check CHECK (frequency_minutes > 0)
    );
    COMMENT ON TABLE monitoring_schedule IS 'What is monitored and how often; run_due_monitoring() runs what is due';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('monitoring_results') THEN
    CREATE TABLE monitoring_results (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      monitoring_type VARCHAR(50) NOT NULL,
      executed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      status VARCHAR(20) NOT NULL,
      results JSONB,
      alert_level VARCHAR(20) DEFAULT 'INFO' NOT NULL,
      CONSTRAINT monitoring_results_pkey PRIMARY KEY (id),
      CONSTRAINT monitoring_results_alert_level_check CHECK (alert_level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')),
      CONSTRAINT monitoring_results_status_check CHECK (status IN ('completed', 'failed'))
    );
    CREATE INDEX idx_monitoring_results_executed ON monitoring_results (executed_at DESC);
    COMMENT ON TABLE monitoring_results IS 'What each monitoring run found; purge_monitoring_results() ends old rows';
  END IF;
END $kingston$;

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('deployment_signoff') THEN
    CREATE TABLE deployment_signoff (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      check_item TEXT NOT NULL,
      signed_by TEXT NOT NULL,
      signed_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      valid_until TIMESTAMP WITH TIME ZONE DEFAULT (clock_timestamp() + '7 days'::interval) NOT NULL,
      evidence TEXT NOT NULL,
      CONSTRAINT deployment_signoff_pkey PRIMARY KEY (id),
      CONSTRAINT deployment_signoff_signed_by_check CHECK (length(btrim(signed_by)) > 0),
      CONSTRAINT deployment_signoff_evidence_check CHECK (length(btrim(evidence)) > 0),
      CONSTRAINT deployment_signoff_valid_until_check CHECK (valid_until > signed_at)
    );
    CREATE INDEX idx_deployment_signoff_item ON deployment_signoff (check_item, signed_at DESC);
    COMMENT ON TABLE deployment_signoff IS 'Manual points of the deployment checklists: who looked, when, on what evidence';
    COMMENT ON COLUMN deployment_signoff.evidence IS 'what was looked at, and where it can be found';
  END IF;
END $kingston$;

-- function benchmark_queries()
-- The registry of queries that are measured: every name has exactly one text, so the run before the
-- migration and the run after it execute the same statement (errata E-076, E-137, E-146).
-- kind: baseline (measured in phase 1 and compared later), probe (compared with limit_ms only), suite
-- (run_performance_test_suite, N-059 to N-062) or dense (monitor_dense_query_performance, N-002, N-087).
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
$query$),
('client_ownership_retrieval', 'suite', 2000, 10, $query$
    SELECT g.id, g.name, p.ownership_details
    FROM client_groups AS g
    LEFT JOIN client_products AS p ON p.client_id = g.id
    WHERE g.status = 'active'
    ORDER BY g.id, p.id
    LIMIT 100
$query$),
('json_ownership_queries', 'suite', 1000, 1, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ? (SELECT min(l.product_owner_id)::text FROM product_owner_products AS l)
      AND p.ownership_details ->> 'association_type' = 'tenants_in_common'
    LIMIT 50
$query$),
('information_items_retrieval', 'suite', 1500, 10, $query$
    SELECT i.id, i.item_category, i.data_content
    FROM client_information_items AS i
    WHERE i.item_type = 'assets_liabilities' AND i.data_content ? 'latest_valuation'
    ORDER BY i.id
    LIMIT 50
$query$),
('materialized_view_performance', 'suite', 500, 10, $query$
    SELECT s.*
    FROM client_complete_summary AS s
    WHERE s.total_client_value > 10000
    ORDER BY s.total_client_value DESC
    LIMIT 20
$query$),
('dense_page_by_offset', 'dense', 500, 50, $query$
    SELECT * FROM get_client_dense_page(0, 500)
$query$),
('dense_page_by_key', 'dense', 500, 50, $query$
    SELECT * FROM get_client_dense_page(0, 500, 'total_active_value', 'DESC', NULL, '1e15', 0)
$query$),
('dense_summary_window', 'dense', 500, 50, $query$
    SELECT s.*
    FROM client_dense_summary AS s
    ORDER BY left(coalesce(s.group_name, ''), 250), s.client_group_id
    LIMIT 1000
$query$)
$body$;
COMMENT ON FUNCTION benchmark_queries() IS 'The named queries whose speed is measured, each with its one text';

SELECT kingston.give_back_grants('function', 'benchmark_queries()');

-- view unresolved_failures
-- Failed operations of the migration that nobody dealt with: not marked as resolved, not followed by a success on the
-- same revision in either direction, and not being repeated at this moment (errata E-116: a failure that was repaired
-- does not count for ever, nor does the first attempt of a gate stop the second).  To acknowledge one:
-- UPDATE migration_log SET resolved_at = now(), resolved_by = current_user WHERE id = ...
-- Called by the health check, the alerts and both checklists.  Tests: tests/sql/test_unresolved_failures.py
CREATE OR REPLACE VIEW unresolved_failures AS
SELECT l.id, l.phase, l.operation, l.error_message, l.started_at, l.completed_at, l.run_id
FROM migration_log AS l
WHERE l.status = 'failed' AND l.resolved_at IS NULL
  AND regexp_replace(l.operation, '^(up|down) ', '') <> coalesce(current_setting('kingston.revision', true), '')
  AND NOT EXISTS (SELECT 1 FROM migration_log AS n
                  WHERE regexp_replace(n.operation, '^(up|down) ', '') = regexp_replace(l.operation, '^(up|down) ', '')
                    AND n.status IN ('completed', 'rolled_back') AND n.id > l.id);
COMMENT ON VIEW unresolved_failures IS 'failed operations of the migration that were neither resolved nor repeated with success';

SELECT kingston.give_back_grants('view', 'unresolved_failures');

-- view migration_monitoring_dashboard
-- The log of the migration, newest first (C-056).  progress_status: COMPLETED, RUNNING (minutes), FAILED, RESOLVED
-- (a failure somebody dealt with) or ROLLED_BACK; performance_indicator: FAST below 60 s, MODERATE below 300 s, else
-- SLOW (N-053).  Durations are true ones (errata E-071), codes are plain ASCII (E-113).
-- Tests: tests/sql/test_migration_monitoring_dashboard.py
CREATE OR REPLACE VIEW migration_monitoring_dashboard AS
SELECT l.phase,
       l.operation,
       l.status,
       l.started_at,
       l.completed_at,
       l.execution_time_seconds,
       l.rows_affected,
       l.error_message,
       CASE WHEN l.status = 'completed' THEN 'COMPLETED'
            WHEN l.status = 'started'
                THEN 'RUNNING (' || floor(extract(epoch FROM clock_timestamp() - l.started_at) / 60)::bigint || 'm)'
            WHEN l.status = 'failed' AND l.resolved_at IS NOT NULL THEN 'RESOLVED'
            WHEN l.status = 'failed' THEN 'FAILED'
            WHEN l.status = 'rolled_back' THEN 'ROLLED_BACK' END AS progress_status,
       CASE WHEN l.execution_time_seconds < 60 THEN 'FAST'
            WHEN l.execution_time_seconds < 300 THEN 'MODERATE'
            WHEN l.execution_time_seconds IS NOT NULL THEN 'SLOW' END AS performance_indicator
FROM migration_log AS l
ORDER BY l.started_at DESC, l.id DESC;
COMMENT ON VIEW migration_monitoring_dashboard IS 'the log of the migration with progress and speed class, newest first';

SELECT kingston.give_back_grants('view', 'migration_monitoring_dashboard');

-- view performance_comparison_dashboard
-- Measured queries against their baselines, newest first (C-057).  performance_trend: NO DATA (nothing compared),
-- SLOWER by x% (out of tolerance), FASTER by x% (faster by more than the tolerance), WITHIN TOLERANCE, or N/A (too few
-- rows to say); a faster query is never out of tolerance (errata E-075, E-113).
-- Tests: tests/sql/test_performance_comparison_dashboard.py
CREATE OR REPLACE VIEW performance_comparison_dashboard AS
SELECT b.test_name,
       b.phase,
       b.baseline_ms,
       b.current_ms,
       b.performance_change_percent,
       b.within_tolerance,
       CASE WHEN b.performance_change_percent IS NULL THEN 'NO DATA'
            WHEN NOT b.within_tolerance THEN 'SLOWER by ' || round(b.performance_change_percent, 1) || '%'
            WHEN b.within_tolerance IS NULL THEN 'N/A'
            WHEN b.performance_change_percent < -t.percent THEN 'FASTER by ' || round(-b.performance_change_percent, 1) || '%'
            ELSE 'WITHIN TOLERANCE' END AS performance_trend,
       b.recorded_at
FROM migration_benchmarks AS b
CROSS JOIN (
    SELECT coalesce((SELECT CASE WHEN c.value ~ '^[0-9]+(\.[0-9]+)?$' THEN c.value::numeric END
                     FROM migration_control AS c
                     WHERE c.setting = 'performance_tolerance_percent'), 15) AS percent
) AS t
ORDER BY b.recorded_at DESC, b.test_name;
COMMENT ON VIEW performance_comparison_dashboard IS 'measured queries against their baselines, with the trend in words';

SELECT kingston.give_back_grants('view', 'performance_comparison_dashboard');

-- view migration_completion
-- What document 000 wants to know at the end (C-052), always one row, computed from the log instead of being written
-- down once and wrong after the next downgrade: migration_completed_at (when the gate of phase 6 was passed; NULL while
-- the database is below it), migration_duration_hours (true, errata E-071: from the first operation to that moment),
-- migration_success_rate_percent and total_operations (finished operations upwards, failed attempts included; E-083).
-- product_owner_products gets no notice of deprecation: links and documents stay in step (E-084, E-175).
-- Tests: tests/sql/test_migration_completion.py
CREATE OR REPLACE VIEW migration_completion AS
SELECT c.completed_at AS migration_completed_at,
       round(extract(epoch FROM c.completed_at - m.began) / 3600, 3) AS migration_duration_hours,
       round(100.0 * m.completed / nullif(m.finished, 0), 1) AS migration_success_rate_percent,
       m.finished AS total_operations
FROM (
    SELECT min(l.started_at) AS began, count(*) AS finished, count(*) FILTER (WHERE l.status = 'completed') AS completed
    FROM migration_log AS l
    WHERE l.operation LIKE 'up %' AND l.status IN ('completed', 'failed')
) AS m
CROSS JOIN (
    SELECT max(l.completed_at) AS completed_at
    FROM migration_log AS l
    WHERE l.operation = 'up phase_6' AND l.status = 'completed'
      AND EXISTS (SELECT 1 FROM migration_control AS s WHERE s.setting = 'current_phase' AND s.value = 'phase_6')
) AS c;
COMMENT ON VIEW migration_completion IS 'when the migration was completed, how long it took, how many operations succeeded';

SELECT kingston.give_back_grants('view', 'migration_completion');

-- view index_usage
-- How often each index was read since the statistics began, its size, and a verdict: NOT VALID (a failed build),
-- NEEDED (it backs a constraint), USED, UNUSED, or TOO EARLY while the statistics are younger than seven days,
-- because an index that serves a weekly report is not unused after a day.
-- Called by run_due_monitoring (index_usage_analysis).  Tests: tests/sql/test_index_usage.py
CREATE OR REPLACE VIEW index_usage AS
SELECT s.relname::text AS table_name,
       s.indexrelname::text AS index_name,
       s.idx_scan AS scans,
       pg_relation_size(s.indexrelid) AS bytes,
       CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'NOT VALID'
            WHEN i.indisunique THEN 'NEEDED'
            WHEN s.idx_scan > 0 THEN 'USED'
            WHEN coalesce(d.stats_reset, pg_postmaster_start_time()) > clock_timestamp() - interval '7 days' THEN 'TOO EARLY'
            ELSE 'UNUSED' END AS verdict
FROM pg_stat_user_indexes AS s
JOIN pg_index AS i ON i.indexrelid = s.indexrelid
CROSS JOIN (SELECT b.stats_reset FROM pg_stat_database AS b WHERE b.datname = current_database()) AS d
WHERE s.schemaname = current_schema();
COMMENT ON VIEW index_usage IS 'how often each index is read, its size, and whether it is needed, used or unused';

SELECT kingston.give_back_grants('view', 'index_usage');

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
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'check_migration_system_health()');

-- function run_performance_test_suite()
-- Four probes, measured and graded (C-059, N-059 to N-062): medians of many runs in fractional milliseconds, rows
-- returned, and a grade; n/a where a probe returned fewer rows than say anything (errata E-145).  The queries stand in
-- benchmark_queries(), the limits in performance_limits().
-- Called by schedules (performance_test_suite).  Tests: tests/sql/test_run_performance_test_suite.py
CREATE OR REPLACE FUNCTION run_performance_test_suite()
RETURNS TABLE (test_name text, execution_time_ms numeric, rows_returned bigint, performance_grade text)
LANGUAGE sql VOLATILE
SET search_path = public, pg_temp
AS $body$
    SELECT q.query_name, m.median_ms, m.rows_returned,
           CASE WHEN m.rows_returned >= q.minimum_rows THEN performance_grade(q.query_name, m.median_ms) ELSE 'n/a' END
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'suite'
    ORDER BY q.query_name
$body$;
COMMENT ON FUNCTION run_performance_test_suite() IS 'four measured probes with grades';

SELECT kingston.give_back_grants('function', 'run_performance_test_suite()');

-- function monitor_dense_query_performance()
-- How fast the dense list is, measured now (C-082, N-087; errata E-135, E-136, E-152: no constants, windows of up to a
-- thousand rows).  query_count is the number of runs behind the figures; performance_status is n/a where the list has
-- too few rows to say anything.
-- Tests: tests/sql/test_monitor_dense_query_performance.py
CREATE OR REPLACE FUNCTION monitor_dense_query_performance()
RETURNS TABLE (query_type text, avg_execution_ms numeric, max_execution_ms numeric, query_count bigint,
               performance_status text)
LANGUAGE sql VOLATILE
SET search_path = public, pg_temp
AS $body$
    SELECT q.query_name, m.avg_ms, m.max_ms, m.samples::bigint,
           CASE WHEN m.rows_returned >= q.minimum_rows THEN performance_grade('dense_query', m.avg_ms) ELSE 'n/a' END
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'dense'
    ORDER BY q.query_name
$body$;
COMMENT ON FUNCTION monitor_dense_query_performance() IS 'measured speed of the queries behind the dense list';

SELECT kingston.give_back_grants('function', 'monitor_dense_query_performance()');

-- function optimize_dense_query_performance()
-- Does what helps the dense list and says what it found (C-082): refreshes the summaries when marks are older than an
-- hour (N-089; errata E-025: freshness from our own log), names indexes that are missing or not valid (E-077), and
-- says when the table needs a VACUUM.  Impacts are figures, never words for figures.
-- Tests: tests/sql/test_optimize_dense_query_performance.py
CREATE OR REPLACE FUNCTION optimize_dense_query_performance()
RETURNS TABLE (optimization_action text, status text, performance_impact text, recommendation text)
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_waiting interval := clock_timestamp() - (SELECT min(d.marked_at) FROM summary_dirty AS d);
    v_refreshed record;
    v_lacking text;
    v_dead numeric;
BEGIN
    IF v_waiting > interval '1 hour' THEN
        SELECT max(r.client_groups) AS client_groups, sum(r.rows_changed) AS changed, sum(r.duration_ms) AS ms INTO v_refreshed
        FROM refresh_dirty_summaries() AS r;
        RETURN QUERY SELECT 'Refresh summaries', 'COMPLETED',
            v_refreshed.client_groups || ' client groups, ' || v_refreshed.changed || ' rows in ' || v_refreshed.ms || ' ms',
            'call refresh_dirty_summaries() at least once an hour';
    ELSE
        RETURN QUERY SELECT 'Refresh summaries', 'NOT_NEEDED',
            coalesce('oldest change waits ' || date_trunc('second', v_waiting)::text, 'nothing waits'), NULL::text;
    END IF;
    SELECT string_agg(m.name || ' ' || m.finding, ', ') INTO v_lacking
    FROM missing_objects() AS m WHERE m.kind = 'index' AND m.on_table = 'client_dense_summary';
    RETURN QUERY SELECT 'Index validation', CASE WHEN v_lacking IS NULL THEN 'PASS' ELSE 'WARNING' END,
        coalesce(v_lacking, 'every index of client_dense_summary is there and valid'),
        CASE WHEN v_lacking IS NOT NULL THEN 'build them again: alembic downgrade phase_5, alembic upgrade head' END;
    SELECT round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) INTO v_dead
    FROM pg_stat_user_tables AS s WHERE s.schemaname = current_schema() AND s.relname = 'client_dense_summary';
    RETURN QUERY SELECT 'Dead rows', CASE WHEN v_dead > 20 THEN 'WARNING' ELSE 'PASS' END,
        coalesce(v_dead || ' % of the rows are dead', 'n/a'), CASE WHEN v_dead > 20 THEN 'VACUUM (ANALYZE) client_dense_summary' END;
    RETURN QUERY SELECT 'Paging', 'INFO', q.query_type || ' takes ' || q.avg_execution_ms || ' ms on average',
        'page by key (p_after_id, p_after_value): the same cost at any depth'
    FROM monitor_dense_query_performance() AS q WHERE q.query_type = 'dense_page_by_key';
END
$body$;
COMMENT ON FUNCTION optimize_dense_query_performance() IS 'refreshes stale summaries and reports indexes, dead rows and speed of the dense list';

SELECT kingston.give_back_grants('function', 'optimize_dense_query_performance()');

-- function check_critical_system_alerts()
-- What somebody should look at now, or one INFO row (C-061, N-076 to N-079): unresolved failures of the last 24 h,
-- benchmarks out of tolerance of the last 6 h, constraint errors of the last 12 h, connections (80 % and 95 %, errata
-- E-167), summaries that wait longer than an hour (N-089), objects that are missing or not valid.
-- Tests: tests/sql/test_check_critical_system_alerts.py
CREATE OR REPLACE FUNCTION check_critical_system_alerts()
RETURNS TABLE (alert_type text, severity text, message text, action_required text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'check_critical_system_alerts()');

-- function manual_check(text)
-- Status and words of a checklist point that no query can check: PASS while a sign-off in deployment_signoff is valid
-- (who, when, on what evidence), else MANUAL_CHECK_REQUIRED, which blocks (errata E-141).
-- Called by both checklists.  Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION manual_check(p_check_item text) RETURNS TABLE (status text, details text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    SELECT CASE WHEN s.id IS NULL THEN 'MANUAL_CHECK_REQUIRED' ELSE 'PASS' END,
           CASE WHEN s.id IS NULL
                THEN 'no valid sign-off; look, then: INSERT INTO deployment_signoff (check_item, signed_by, evidence) VALUES ('
                     || quote_literal(p_check_item) || ', <who>, <what was seen>)'
                ELSE 'signed by ' || s.signed_by || ' at ' || date_trunc('second', s.signed_at) || ': ' || s.evidence END
    FROM (VALUES (1)) AS one (row)
    LEFT JOIN LATERAL (
        SELECT d.* FROM deployment_signoff AS d
        WHERE d.check_item = p_check_item AND d.valid_until > clock_timestamp()
        ORDER BY d.signed_at DESC, d.id DESC
        LIMIT 1
    ) AS s ON true
$body$;
COMMENT ON FUNCTION manual_check(text) IS 'PASS with a valid sign-off, else MANUAL_CHECK_REQUIRED';

SELECT kingston.give_back_grants('function', 'manual_check(text)');

-- function backup_check()
-- Whether a restore was proven: PASS with a checkpoint that was validated in the last seven days, else as signed off by
-- somebody (manual_check).  That a database is there and full proves no backup (errata E-139).
-- Called by both checklists.  Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION backup_check() RETURNS TABLE (status text, details text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    SELECT CASE WHEN c.id IS NULL THEN m.status ELSE 'PASS' END,
           CASE WHEN c.id IS NULL THEN m.details
                ELSE 'restore of checkpoint ' || c.checkpoint_name || ' proven at ' || date_trunc('second', c.validated_at) END
    FROM manual_check('Database backup exists and is valid') AS m
    LEFT JOIN LATERAL (
        SELECT r.* FROM rollback_checkpoints AS r
        WHERE r.is_active AND r.validation_status = 'valid' AND r.validated_at > clock_timestamp() - interval '7 days'
        ORDER BY r.validated_at DESC
        LIMIT 1
    ) AS c ON true
$body$;
COMMENT ON FUNCTION backup_check() IS 'PASS when a restore was proven in the last seven days, or by a sign-off';

SELECT kingston.give_back_grants('function', 'backup_check()');

-- function execute_deployment_checklist()
-- The ten points before a deployment (C-062), each looked at on this database: PASS, WARNING, FAIL, or
-- MANUAL_CHECK_REQUIRED until somebody signs it off.  deployment_decision() says what follows from them.
-- Errata E-017, E-116 to E-118, E-139 to E-141, E-149, E-167: qualified names, unresolved failures only, objects by
-- name instead of counts, space compared with what the operator says is free (setting available_disk_bytes).
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION execute_deployment_checklist()
RETURNS TABLE (check_category text, check_item text, status text, details text, critical boolean)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    WITH lacking AS MATERIALIZED (
        SELECT m.kind, m.name, concat_ws(' ', nullif(m.on_table, ''), m.name, m.finding) AS what FROM missing_objects() AS m
    ), space AS (
        SELECT pg_database_size(current_database()) AS size,
               2 * coalesce(max(pg_total_relation_size(c.oid)), 0) AS needed,
               (SELECT CASE WHEN s.value ~ '^[0-9]{1,18}$' THEN s.value::bigint END
                FROM migration_control AS s WHERE s.setting = 'available_disk_bytes') AS free
        FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
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

SELECT kingston.give_back_grants('function', 'execute_deployment_checklist()');

-- function deployment_decision()
-- What follows from execute_deployment_checklist() (C-063, N-069): not approved with any critical failure, any manual
-- point nobody signed (errata E-141, E-143), or more than three warnings.
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION deployment_decision()
RETURNS TABLE (approved boolean, critical_failures bigint, open_manual_checks bigint, warnings bigint, reason text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    SELECT c.failed = 0 AND c.open = 0 AND c.warned <= 3, c.failed, c.open, c.warned,
           CASE WHEN c.failed + c.open > 0 THEN 'blocked by: ' || c.blocking
                WHEN c.warned > 3 THEN c.warned || ' warnings, at most 3 are acceptable'
                ELSE 'every critical point passes' END
    FROM (
        SELECT count(*) FILTER (WHERE k.critical AND k.status = 'FAIL') AS failed,
               count(*) FILTER (WHERE k.status = 'MANUAL_CHECK_REQUIRED') AS open,
               count(*) FILTER (WHERE k.status = 'WARNING' OR (k.status = 'FAIL' AND NOT k.critical)) AS warned,
               string_agg(k.check_item, ', ') FILTER (WHERE k.status = 'MANUAL_CHECK_REQUIRED' OR (k.critical AND k.status = 'FAIL'))
                   AS blocking
        FROM execute_deployment_checklist() AS k
    ) AS c
$body$;
COMMENT ON FUNCTION deployment_decision() IS 'whether the deployment checklist approves, and what blocks it';

SELECT kingston.give_back_grants('function', 'deployment_decision()');

-- function execute_enhanced_deployment_checklist()
-- The scored checklist (C-084, N-091 to N-096).  The last row holds the verdict: READY_FOR_PRODUCTION from 90 % of the
-- points that could be had, READY_WITH_MONITORING from 70 %, else NOT_READY; the maximum is what the list adds up to
-- (errata E-142), a point that cannot be measured here counts neither way, and any critical finding or open manual
-- point is NOT_READY whatever the score (E-143).  Expected objects come from expected_objects() (E-144).
-- Tests: tests/sql/test_deployment_checklists.py
CREATE OR REPLACE FUNCTION execute_enhanced_deployment_checklist()
RETURNS TABLE (check_category text, check_item text, status text, details text, critical boolean, validation_score integer)
LANGUAGE sql VOLATILE
SET search_path = public, pg_temp
AS $body$
    WITH lacking AS MATERIALIZED (
        SELECT m.kind, m.on_table, m.name, concat_ws(' ', nullif(m.on_table, ''), m.name, m.finding) AS what
        FROM missing_objects() AS m WHERE m.phase <> 'legacy'
    ), points AS MATERIALIZED (
        SELECT 1 AS place, 'Backup Verification' AS check_category, 'Full database backup validation' AS check_item,
               b.status, b.details, true AS critical, 0 AS score, 0 AS most
        FROM backup_check() AS b
        UNION ALL
        SELECT 2, 'Database Structure', 'Phase 2 tables validation', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every table and column present'), true, CASE WHEN count(*) = 0 THEN 25 ELSE 0 END, 25
        FROM lacking AS l WHERE l.kind IN ('table', 'column')
        UNION ALL
        SELECT 3, 'Performance Optimization', 'Index coverage validation',
               CASE WHEN x.missing = 0 THEN 'EXCELLENT' WHEN 10 * x.missing <= x.expected THEN 'GOOD' ELSE 'POOR' END,
               coalesce(x.what, 'all ' || x.expected || ' indexes valid'), 10 * x.missing > x.expected,
               CASE WHEN x.missing = 0 THEN 30 WHEN 10 * x.missing <= x.expected THEN 20 ELSE 0 END, 30
        FROM (SELECT count(*) AS missing, string_agg(l.what, ', ') AS what,
                     (SELECT count(*) FROM expected_objects() AS e WHERE e.kind = 'index' AND e.phase <> 'legacy') AS expected
              FROM lacking AS l WHERE l.kind = 'index') AS x
        UNION ALL
        SELECT 4, 'Security Implementation', 'Field-level encryption validation', CASE WHEN count(l.what) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every sensitive column and the trigger that guards it are in place'), true,
               CASE WHEN count(l.what) = 0 THEN 25 ELSE 0 END, 25
        FROM (VALUES ('column', 'product_owners', 'security_words'), ('column', 'product_owners', 'notes'),
                     ('column', 'product_owner_phones', 'phone_number_encrypted'), ('column', 'product_owner_phones', 'phone_number_index'),
                     ('column', 'client_group_secrets', 'security_word'), ('column', 'client_group_secrets', 'private_notes'),
                     ('column', 'client_group_secrets', 'sensitive_data'), ('trigger', 'product_owners', 'product_owners_sensitive_insert'),
                     ('trigger', 'product_owners', 'product_owners_sensitive_update'),
                     ('trigger', 'client_group_secrets', 'client_group_secrets_sensitive'),
                     ('trigger', 'product_owner_phones', 'product_owner_phones_encryption_insert'),
                     ('trigger', 'product_owner_phones', 'product_owner_phones_encryption_update')) AS t (kind, on_table, name)
        LEFT JOIN lacking AS l ON l.kind = t.kind AND l.on_table = t.on_table AND l.name = t.name
        UNION ALL
        SELECT 5, 'Business Rules', 'Validation functions validation', CASE WHEN count(*) = 0 THEN 'PASS' ELSE 'FAIL' END,
               coalesce(string_agg(l.what, ', '), 'every function by signature, every constraint, every trigger on'), true,
               CASE WHEN count(*) = 0 THEN 20 ELSE 0 END, 20
        FROM lacking AS l WHERE l.kind IN ('function', 'view', 'constraint', 'trigger')
        UNION ALL
        SELECT 6, 'Performance Benchmarks', 'Dense query performance test',
               CASE WHEN m.rows_returned < q.minimum_rows THEN 'N/A' WHEN m.p95_ms < 500 THEN 'EXCELLENT' ELSE 'WARNING' END,
               q.query_name || ': median ' || m.median_ms || ' ms, p95 ' || m.p95_ms || ' ms of ' || m.samples || ' runs over '
               || m.rows_returned || ' rows (limit 500)', false,
               CASE WHEN m.rows_returned < q.minimum_rows THEN 0 WHEN m.p95_ms < 500 THEN 20 ELSE 10 END,
               CASE WHEN m.rows_returned < q.minimum_rows THEN 0 ELSE 20 END
        FROM benchmark_queries() AS q CROSS JOIN LATERAL measure_query(q.query_name) AS m
        WHERE q.query_name = 'dense_summary_window'
    ), total AS (
        SELECT round(100.0 * sum(p.score) / nullif(sum(p.most), 0))::integer AS percent, sum(p.score) AS score, sum(p.most) AS most,
               string_agg(p.check_item, ', ') FILTER (WHERE p.critical AND p.status IN ('FAIL', 'POOR', 'MANUAL_CHECK_REQUIRED')) AS blocking
        FROM points AS p
    )
    SELECT r.check_category, r.check_item, r.status, r.details, r.critical, r.score
    FROM (
        SELECT p.place, p.check_category, p.check_item, p.status, p.details, p.critical, p.score FROM points AS p
        UNION ALL
        SELECT 7, 'Deployment Readiness', 'Overall system validation',
               CASE WHEN t.blocking IS NOT NULL THEN 'NOT_READY' WHEN t.percent >= 90 THEN 'READY_FOR_PRODUCTION'
                    WHEN t.percent >= 70 THEN 'READY_WITH_MONITORING' ELSE 'NOT_READY' END,
               'score ' || t.score || ' of ' || t.most || ' (' || t.percent || '%)' || coalesce('; blocked by: ' || t.blocking, ''),
               t.blocking IS NOT NULL OR t.percent < 70, t.percent
        FROM total AS t
    ) AS r
    ORDER BY r.place
$body$;
COMMENT ON FUNCTION execute_enhanced_deployment_checklist() IS 'the scored checklist; its last row is the verdict';

SELECT kingston.give_back_grants('function', 'execute_enhanced_deployment_checklist()');

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
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'run_monitoring(text)');

-- function purge_monitoring_results(integer)
-- Ends monitoring results older than so many days (90, as long as pghero keeps its space statistics; errata E-204);
-- returns how many.  Errors: 22023 for less than one day.
-- Called by run_due_monitoring.  Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION purge_monitoring_results(p_keep_days integer DEFAULT 90) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'purge_monitoring_results(integer)');

-- function run_due_monitoring()
-- Runs every active schedule that is due, records what it found in monitoring_results, and sets the next time.  An
-- error in one is recorded as failed with alert level ERROR and stops none of the others.  Two callers at a time share
-- the work (SKIP LOCKED).  Results older than 90 days are ended (purge_monitoring_results).
-- Called by whatever runs things by the clock, for example once a minute: SELECT * FROM run_due_monitoring().
-- Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION run_due_monitoring()
RETURNS TABLE (monitoring_type text, status text, alert_level text)
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'run_due_monitoring()');

-- function setup_post_deployment_monitoring()
-- Puts the four schedules of document 000 in place (C-060, N-075); one that is there stays as it is, however often this
-- is called (errata E-105, E-204).  Returns how many it added.
-- Called by the seed monitoring_schedule and by administrators.  Tests: tests/sql/test_run_due_monitoring.py
CREATE OR REPLACE FUNCTION setup_post_deployment_monitoring() RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'setup_post_deployment_monitoring()');

-- seed monitoring_schedule
-- The four schedules of document 000 (C-060); setup_post_deployment_monitoring() holds their names and intervals.
-- Tests: tests/sql/test_run_due_monitoring.py
SELECT setup_post_deployment_monitoring();

UPDATE alembic_version SET version_num='phase_6_monitoring' WHERE alembic_version.version_num = 'phase_6_summaries';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_6_monitoring', '{"outcome": "done", "revision": "phase_6_monitoring", "detail": "by a script", "files": {"versions/0610_phase_6_monitoring.py": "SHA-256", "sql/backup_check/0610.sql": "SHA-256", "sql/benchmark_queries/0610.sql": "SHA-256", "sql/check_critical_system_alerts/0610.sql": "SHA-256", "sql/check_migration_system_health/0610.sql": "SHA-256", "sql/deployment_decision/0610.sql": "SHA-256", "sql/execute_deployment_checklist/0610.sql": "SHA-256", "sql/execute_enhanced_deployment_checklist/0610.sql": "SHA-256", "sql/index_usage/0610.sql": "SHA-256", "sql/manual_check/0610.sql": "SHA-256", "sql/migration_completion/0610.sql": "SHA-256", "sql/migration_monitoring_dashboard/0610.sql": "SHA-256", "sql/monitor_dense_query_performance/0610.sql": "SHA-256", "sql/monitoring_schedule/0610.sql": "SHA-256", "sql/optimize_dense_query_performance/0610.sql": "SHA-256", "sql/performance_comparison_dashboard/0610.sql": "SHA-256", "sql/purge_monitoring_results/0610.sql": "SHA-256", "sql/run_due_monitoring/0610.sql": "SHA-256", "sql/run_monitoring/0610.sql": "SHA-256", "sql/run_performance_test_suite/0610.sql": "SHA-256", "sql/setup_post_deployment_monitoring/0610.sql": "SHA-256", "sql/unresolved_failures/0610.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

