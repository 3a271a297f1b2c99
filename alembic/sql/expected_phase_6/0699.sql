-- function expected_phase_6()
-- What phase 6 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_6()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
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
