SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_6';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_6_monitoring -> phase_6

-- function expected_phase_6()
-- What phase 6 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_6()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_6', 'table', '',
     'client_complete_summary; client_dense_summary; client_ownership_summary; deployment_signoff;
      monitoring_results; monitoring_schedule; summary_dirty; summary_refresh_log'),
    ('phase_6', 'column', 'client_complete_summary',
     'active_objectives; asset_item_count; client_group_id; client_name; client_type;
      information_item_count; last_networth_statement; last_updated; managed_product_count;
      networth_statement_count; outstanding_actions; status; total_actions; total_client_value;
      total_managed_value; total_objectives; total_unmanaged_value; unmanaged_product_count'),
    ('phase_6', 'column', 'client_dense_summary',
     'active_actions; active_objectives; active_products; asset_items; client_group_id;
      complexity_indicator; description; group_name; income_items; last_activity; liability_items;
      max_owners_per_product; ownership_records; total_active_value; total_products'),
    ('phase_6', 'column', 'client_ownership_summary',
     'client_group_id; information_items_owned; managed_ownership_value; managed_products_owned;
      owner_name; product_owner_id; unmanaged_ownership_value; unmanaged_products_owned'),
    ('phase_6', 'column', 'deployment_signoff', 'check_item; evidence; id; signed_at; signed_by; valid_until'),
    ('phase_6', 'column', 'monitoring_results', 'alert_level; executed_at; id; monitoring_type; results; status'),
    ('phase_6', 'column', 'monitoring_schedule',
     'active; frequency_minutes; id; last_executed; monitoring_type; next_execution'),
    ('phase_6', 'column', 'summary_dirty', 'client_group_id; id; marked_at'),
    ('phase_6', 'column', 'summary_refresh_log', 'client_groups; finished_at; id; rows_changed; started_at; summary_name'),
    ('phase_6', 'constraint', 'client_complete_summary',
     'fk_client_complete_summary_client_group; idx_client_complete_summary_id'),
    ('phase_6', 'constraint', 'client_dense_summary', 'client_dense_summary_pkey; fk_client_dense_summary_client_group'),
    ('phase_6', 'constraint', 'client_ownership_summary',
     'fk_client_ownership_summary_client_group; fk_client_ownership_summary_product_owner;
      idx_client_ownership_summary_client_group'),
    ('phase_6', 'constraint', 'deployment_signoff',
     'deployment_signoff_evidence_check; deployment_signoff_pkey; deployment_signoff_signed_by_check;
      deployment_signoff_valid_until_check'),
    ('phase_6', 'constraint', 'monitoring_results',
     'monitoring_results_alert_level_check; monitoring_results_pkey; monitoring_results_status_check'),
    ('phase_6', 'constraint', 'monitoring_schedule',
     'monitoring_schedule_frequency_minutes_check; monitoring_schedule_monitoring_type_key;
      monitoring_schedule_pkey'),
    ('phase_6', 'constraint', 'summary_dirty', 'summary_dirty_pkey'),
    ('phase_6', 'constraint', 'summary_refresh_log', 'summary_refresh_log_pkey'),
    ('phase_6', 'trigger', 'client_actions', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_group_product_owners', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_groups', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_information_items', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_objectives', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_products', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'client_unmanaged_products', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'networth_statements', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'portfolio_valuations', 'summary_dirty_delete; summary_dirty_insert; summary_dirty_update'),
    ('phase_6', 'trigger', 'product_owners', 'summary_dirty_update'),
    ('phase_6', 'view', '',
     'client_complete_summary_source; client_dense_summary_source; client_ownership_summary_source;
      index_usage; migration_completion; migration_monitoring_dashboard;
      performance_comparison_dashboard; unresolved_failures'),
    ('phase_6', 'function', '',
     'apply_summary(text, bigint[]); backup_check(); check_critical_system_alerts();
      check_migration_system_health(); deployment_decision(); execute_deployment_checklist();
      execute_enhanced_deployment_checklist(); expected_phase_6();
      get_client_dense_page(integer, integer, text, text, text, text, bigint, boolean);
      manual_check(text); mark_summary_dirty(); monitor_dense_query_performance();
      optimize_dense_query_performance(); performance_grade(text, numeric); performance_limits();
      purge_monitoring_results(integer); refresh_client_complete_summary(bigint[]);
      refresh_client_ownership_summary(bigint[]); refresh_dense_data_views(bigint[]);
      refresh_dirty_summaries(); refresh_summary(text, bigint[]); run_due_monitoring();
      run_monitoring(text); run_performance_test_suite(); setup_post_deployment_monitoring()')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_6', 'client_complete_summary', 'idx_client_complete_summary_total_value',
     'btree (total_client_value DESC)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_activity',
     'btree (COALESCE(last_activity, ''-infinity''::timestamp with time zone), client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_complexity',
     'btree (complexity_indicator, total_products, client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_complexity_activity',
     'btree (complexity_indicator, COALESCE(last_activity, ''-infinity''::timestamp with time zone), client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_complexity_name',
     'btree (complexity_indicator, "left"(COALESCE(group_name, ''''::text), 250), client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_complexity_value',
     'btree (complexity_indicator, total_active_value, client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_name',
     'btree ("left"(COALESCE(group_name, ''''::text), 250), client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_products',
     'btree (total_products, client_group_id)'),
    ('phase_6', 'client_dense_summary', 'idx_client_dense_summary_total_value',
     'btree (total_active_value, client_group_id)'),
    ('phase_6', 'client_ownership_summary', 'idx_client_ownership_summary_product_owner',
     'btree (product_owner_id)'),
    ('phase_6', 'deployment_signoff', 'idx_deployment_signoff_item',
     'btree (check_item, signed_at DESC)'),
    ('phase_6', 'monitoring_results', 'idx_monitoring_results_executed',
     'btree (executed_at DESC)'),
    ('phase_6', 'summary_refresh_log', 'idx_summary_refresh_log_finished',
     'btree (summary_name, finished_at DESC)')
) AS i (phase, on_table, name, definition)
$body$;
COMMENT ON FUNCTION expected_phase_6() IS 'objects of phase 6 by name';

SELECT kingston.give_back_grants('function', 'expected_phase_6()');

-- function expected_objects()
-- Everything that must be there at this phase, phase by phase; expected_<phase>() says what each adds.
-- Called by missing_objects.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION expected_objects()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
    SELECT e.* FROM expected_legacy() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_2() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_3() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_4() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_5() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_6() AS e
$body$;
COMMENT ON FUNCTION expected_objects() IS 'every object of the portal by name and phase, indexes with their definition';

SELECT kingston.give_back_grants('function', 'expected_objects()');

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_6') AS m
WHERE m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'objects_present', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'the Phase 1 schema is as documented') AS found
FROM missing_objects() AS m
WHERE m.phase = 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'legacy_objects', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, coalesce(string_agg(x.name, ', ' ORDER BY x.name), 'every index is valid, every constraint validated') AS found
FROM (SELECT c.relname::text AS name
      FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace AND NOT (i.indisvalid AND i.indisready)
      UNION ALL
      SELECT k.conname FROM pg_constraint AS k WHERE k.connamespace = 'public'::regnamespace AND NOT k.convalidated) AS x
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'nothing_invalid', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT true AS ok,
       coalesce(string_agg(r.summary_name || ': ' || r.rows_changed || ' rows for ' || r.client_groups || ' changed client groups', ', '),
                'nothing had changed since the fill') AS found
FROM refresh_dirty_summaries() AS r
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'summaries_refreshed', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' active client groups differ; managed value '
       || coalesce(sum(t.stated), 0) || ' stated, ' || coalesce(sum(t.computed), 0) || ' computed' AS found
FROM (
    SELECT s.total_managed_value AS stated, m.worth AS computed,
           s.client_group_id IS NULL OR s.total_managed_value <> coalesce(m.worth, 0) OR s.managed_product_count <> coalesce(m.products, 0)
           OR s.total_unmanaged_value <> coalesce(u.worth, 0) OR s.total_actions <> coalesce(a.actions, 0)
           OR s.total_client_value <> coalesce(m.worth, 0) + coalesce(u.worth, 0) AS wrong
    FROM client_groups AS g
    LEFT JOIN client_complete_summary AS s ON s.client_group_id = g.id
    LEFT JOIN (
        SELECT w.client_id, sum(w.products) AS products, sum(v.valuation) AS worth
        FROM (SELECT p.client_id, p.portfolio_id, count(*) AS products
              FROM client_products AS p WHERE p.status = 'active' GROUP BY p.client_id, p.portfolio_id) AS w
        LEFT JOIN LATERAL (SELECT nullif(v.valuation, 'NaN') AS valuation FROM portfolio_valuations AS v WHERE v.portfolio_id = w.portfolio_id
                           ORDER BY v.valuation_date DESC, v.created_at DESC LIMIT 1) AS v ON true
        GROUP BY w.client_id
    ) AS m ON m.client_id = g.id
    LEFT JOIN (SELECT p.client_group_id, sum(p.latest_valuation) AS worth
               FROM client_unmanaged_products AS p WHERE p.status = 'active' GROUP BY p.client_group_id) AS u ON u.client_group_id = g.id
    LEFT JOIN (SELECT c.client_group_id, count(*) AS actions FROM client_actions AS c GROUP BY c.client_group_id) AS a ON a.client_group_id = g.id
    WHERE g.status = 'active' AND NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = g.id)
) AS t
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'complete_summary_true', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' client groups differ' AS found
FROM (
    SELECT s.client_group_id IS NULL OR s.total_products <> coalesce(p.products, 0) OR s.active_products <> coalesce(p.active, 0)
           OR s.group_name IS DISTINCT FROM g.name OR s.active_objectives <> coalesce(o.active, 0)
           OR s.complexity_indicator <> (ARRAY['LOW_COMPLEXITY', 'MEDIUM_COMPLEXITY', 'HIGH_COMPLEXITY'])
                  [1 + (coalesce(p.products, 0) > 20)::integer + (coalesce(p.products, 0) > 50)::integer]
           OR s.total_active_value <> coalesce(c.total_managed_value, s.total_active_value) AS wrong
    FROM client_groups AS g
    LEFT JOIN client_dense_summary AS s ON s.client_group_id = g.id
    LEFT JOIN client_complete_summary AS c ON c.client_group_id = g.id
    LEFT JOIN (SELECT x.client_id, count(*) AS products, count(*) FILTER (WHERE x.status = 'active') AS active
               FROM client_products AS x GROUP BY x.client_id) AS p ON p.client_id = g.id
    LEFT JOIN (SELECT x.client_group_id, count(*) AS active
               FROM client_objectives AS x WHERE x.status = 'active' GROUP BY x.client_group_id) AS o ON o.client_group_id = g.id
    WHERE NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = g.id)
) AS t
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'dense_summary_true', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE t.wrong) = 0 AS ok,
       count(*) FILTER (WHERE t.wrong) || ' of ' || count(*) || ' client groups differ' AS found
FROM (
    SELECT coalesce(s.products, 0) <> coalesce(l.products, 0)
           OR (coalesce(l.exact, false) AND abs(coalesce(s.worth, 0) - c.total_managed_value) > 0.005) AS wrong
    FROM client_complete_summary AS c
    LEFT JOIN (SELECT x.client_group_id, sum(x.managed_products_owned) AS products, sum(x.managed_ownership_value) AS worth
               FROM client_ownership_summary AS x GROUP BY x.client_group_id) AS s ON s.client_group_id = c.client_group_id
    LEFT JOIN (
        SELECT k.client_id, count(*) FILTER (WHERE k.is_member) AS products,
               bool_and(k.is_member AND k.owner_id IS NOT NULL) AND count(DISTINCT k.id) = min(k.all_products)
               AND count(DISTINCT k.id) FILTER (WHERE k.total = 100) = min(k.all_products) AS exact
        FROM (
            SELECT p.client_id, p.id, o.owner_id, h.total,
                   EXISTS (SELECT 1 FROM client_group_product_owners AS m
                           WHERE m.client_group_id = p.client_id AND m.product_owner_id = o.owner_id) AS is_member,
                   (SELECT count(*) FROM client_products AS a WHERE a.client_id = p.client_id AND a.status = 'active') AS all_products
            FROM client_products AS p
            JOIN LATERAL (SELECT DISTINCT x.product_owner_id AS owner_id FROM product_owner_products AS x
                          WHERE x.product_id = p.id AND x.product_owner_id > 0) AS o ON true
            CROSS JOIN LATERAL (SELECT sum(x.percentage) AS total FROM ownership_shares(p.ownership_details) AS x) AS h
            WHERE p.status = 'active'
        ) AS k
        GROUP BY k.client_id
    ) AS l ON l.client_id = c.client_group_id
    WHERE NOT EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = c.client_group_id)
) AS t
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'ownership_summary_true', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 finding' ELSE count(*) || ' findings' END || ' between links and ownership documents' AS found
FROM reconcile_ownership() AS r
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'ownership_reconciled', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT h.health_score >= 95 AS ok, h.details || ' (' || h.status || ', 95 or more is required)' AS found
FROM check_migration_system_health() AS h
WHERE h.component = 'Overall System Health'
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'health', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(bool_and(m.max_execution_ms < 500), false) AS ok,
       string_agg(m.query_type || ' at most ' || m.max_execution_ms || ' ms', ', ' ORDER BY m.query_type) || ' (limit 500)' AS found
FROM monitor_dense_query_performance() AS m
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'dense_page', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE a.severity <> 'INFO') = 0 AS ok,
       string_agg(a.severity || ' ' || a.alert_type || ': ' || a.message, '; ') AS found
FROM check_critical_system_alerts() AS a
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'alerts', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT b.status = 'PASS' AS ok, b.details AS found
FROM backup_check() AS b
  ) AS q;
  PERFORM kingston.record_gate('phase_6', 'proven_restore', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'phase_6', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='phase_6' WHERE alembic_version.version_num = 'phase_6_monitoring';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_6', '{"outcome": "done", "revision": "phase_6", "detail": "by a script", "files": {"versions/0699_phase_6.py": "SHA-256", "sql/expected_objects/0699.sql": "SHA-256", "sql/expected_phase_6/0699.sql": "SHA-256", "sql/gate_phase_6/0699.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

