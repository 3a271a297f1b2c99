-- function expected_legacy()
-- What Phase 1 and the preparation of the migration put there, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_legacy()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('legacy', 'table', '',
     'authentication; available_funds; available_portfolio_funds; available_portfolios;
      available_providers; client_group_product_owners; client_groups; client_products;
      holding_activity_log; portfolio_fund_irr_values; portfolio_fund_valuations; portfolio_funds;
      portfolio_irr_values; portfolio_valuations; portfolios; product_owner_products; product_owners;
      profiles; provider_switch_log; session; template_portfolio_generations; user_page_presence'),
    ('legacy', 'column', 'authentication',
     'auth_id; created_at; last_login; password_hash; profiles_id; updated_at'),
    ('legacy', 'column', 'available_funds', 'created_at; fund_cost; fund_name; id; isin_number; risk_factor; status'),
    ('legacy', 'column', 'available_portfolio_funds',
     'created_at; fund_id; id; target_weighting; template_portfolio_generation_id'),
    ('legacy', 'column', 'available_portfolios', 'created_at; id; name'),
    ('legacy', 'column', 'available_providers', 'created_at; id; name; status; theme_color'),
    ('legacy', 'column', 'client_group_product_owners', 'client_group_id; created_at; id; product_owner_id'),
    ('legacy', 'column', 'client_groups', 'advisor; advisor_id; created_at; id; name; status; type'),
    ('legacy', 'column', 'client_products',
     'client_id; created_at; end_date; fixed_fee_direct; fixed_fee_facilitated; id; notes;
      percentage_fee_facilitated; plan_number; portfolio_id; product_name; product_type; provider_id;
      start_date; status; template_generation_id'),
    ('legacy', 'column', 'holding_activity_log',
     'activity_timestamp; activity_type; amount; created_at; id; portfolio_fund_id; product_id'),
    ('legacy', 'column', 'portfolio_fund_irr_values', 'created_at; date; fund_id; fund_valuation_id; id; irr_result'),
    ('legacy', 'column', 'portfolio_fund_valuations', 'created_at; id; portfolio_fund_id; valuation; valuation_date'),
    ('legacy', 'column', 'portfolio_funds',
     'amount_invested; available_funds_id; created_at; end_date; id; portfolio_id; start_date; status;
      target_weighting'),
    ('legacy', 'column', 'portfolio_irr_values', 'created_at; date; id; irr_result; portfolio_id; portfolio_valuation_id'),
    ('legacy', 'column', 'portfolio_valuations', 'created_at; id; portfolio_id; valuation; valuation_date'),
    ('legacy', 'column', 'portfolios',
     'created_at; end_date; id; portfolio_name; start_date; status; template_generation_id'),
    ('legacy', 'column', 'product_owner_products', 'created_at; id; product_id; product_owner_id'),
    ('legacy', 'column', 'product_owners', 'created_at; firstname; id; known_as; status; surname'),
    ('legacy', 'column', 'profiles',
     'created_at; email; first_name; id; last_name; preferred_client_view; preferred_landing_page;
      profile_picture_url'),
    ('legacy', 'column', 'provider_switch_log',
     'client_product_id; created_at; description; id; new_provider_id; previous_provider_id;
      switch_date'),
    ('legacy', 'column', 'session', 'created_at; expires_at; last_activity; profiles_id; session_id'),
    ('legacy', 'column', 'template_portfolio_generations',
     'available_portfolio_id; created_at; description; generation_name; id; status; updated_at;
      version_number'),
    ('legacy', 'column', 'user_page_presence', 'entered_at; id; last_seen; page_identifier; user_id; user_info'),
    ('legacy', 'constraint', 'authentication', 'authentication_pkey; authentication_profiles_id_fkey'),
    ('legacy', 'constraint', 'available_funds', 'available_funds_pkey'),
    ('legacy', 'constraint', 'available_portfolio_funds',
     'available_portfolio_funds_fund_id_fkey; available_portfolio_funds_pkey;
      available_portfolio_funds_template_portfolio_generation_id_fkey'),
    ('legacy', 'constraint', 'available_portfolios', 'available_portfolios_pkey'),
    ('legacy', 'constraint', 'available_providers', 'available_providers_pkey'),
    ('legacy', 'constraint', 'client_group_product_owners',
     'client_group_product_owners_client_group_id_fkey; client_group_product_owners_pkey;
      client_group_product_owners_product_owner_id_fkey'),
    ('legacy', 'constraint', 'client_groups', 'client_groups_pkey'),
    ('legacy', 'constraint', 'client_products',
     'client_products_client_id_fkey; client_products_pkey; client_products_portfolio_id_fkey;
      client_products_provider_id_fkey'),
    ('legacy', 'constraint', 'holding_activity_log',
     'holding_activity_log_pkey; holding_activity_log_portfolio_fund_id_fkey;
      holding_activity_log_product_id_fkey'),
    ('legacy', 'constraint', 'portfolio_fund_irr_values', 'portfolio_fund_irr_values_fund_id_fkey; portfolio_fund_irr_values_pkey'),
    ('legacy', 'constraint', 'portfolio_fund_valuations',
     'portfolio_fund_valuations_pkey; portfolio_fund_valuations_portfolio_fund_id_fkey'),
    ('legacy', 'constraint', 'portfolio_funds',
     'portfolio_funds_available_funds_id_fkey; portfolio_funds_pkey; portfolio_funds_portfolio_id_fkey'),
    ('legacy', 'constraint', 'portfolio_irr_values', 'portfolio_irr_values_pkey; portfolio_irr_values_portfolio_id_fkey'),
    ('legacy', 'constraint', 'portfolio_valuations', 'portfolio_valuations_pkey; portfolio_valuations_portfolio_id_fkey'),
    ('legacy', 'constraint', 'portfolios', 'portfolios_pkey; portfolios_template_generation_id_fkey'),
    ('legacy', 'constraint', 'product_owner_products',
     'product_owner_products_pkey; product_owner_products_product_id_fkey;
      product_owner_products_product_owner_id_fkey'),
    ('legacy', 'constraint', 'product_owners', 'product_owners_pkey'),
    ('legacy', 'constraint', 'profiles', 'profiles_pkey'),
    ('legacy', 'constraint', 'provider_switch_log',
     'provider_switch_log_client_product_id_fkey; provider_switch_log_new_provider_id_fkey;
      provider_switch_log_pkey; provider_switch_log_previous_provider_id_fkey'),
    ('legacy', 'constraint', 'session', 'session_pkey; session_profiles_id_fkey'),
    ('legacy', 'constraint', 'template_portfolio_generations',
     'template_portfolio_generations_available_portfolio_id_fkey; template_portfolio_generations_pkey'),
    ('legacy', 'constraint', 'user_page_presence',
     'user_page_presence_pkey; user_page_presence_user_id_fkey;
      user_page_presence_user_id_page_identifier_key'),
    ('legacy', 'view', '',
     'advisor_client_summary; analytics_dashboard_summary; client_group_complete_data;
      client_groups_summary; company_irr_cache; company_revenue_analytics; complete_fund_data;
      fund_activity_summary; fund_distribution_fast; fund_historical_irr;
      latest_portfolio_fund_irr_values; latest_portfolio_fund_valuations; latest_portfolio_irr_values;
      latest_portfolio_valuations; portfolio_historical_irr; portfolio_performance_history;
      product_owner_details; product_value_irr_summary; products_display_view; products_list_view;
      provider_distribution_fast; provider_revenue_breakdown; revenue_analytics_optimized;
      template_generation_weighted_risk'),
    ('legacy', 'function', '',
     'calculate_adhoc_portfolio_valuation(bigint); global_search_entities(text)'),
    ('pre_migration', 'table', '',
     'migration_benchmarks; migration_control; migration_log; rollback_checkpoints'),
    ('pre_migration', 'column', 'migration_benchmarks',
     'baseline_ms; current_ms; id; performance_change_percent; phase; recorded_at; run_id; test_name;
      within_tolerance'),
    ('pre_migration', 'column', 'migration_control', 'description; setting; updated_at; value'),
    ('pre_migration', 'column', 'migration_log',
     'completed_at; error_message; execution_time_seconds; id; operation; phase; resolved_at;
      resolved_by; rows_affected; run_id; started_at; status'),
    ('pre_migration', 'column', 'rollback_checkpoints',
     'backup_location; backup_size_bytes; checkpoint_name; created_at; data_integrity_hash; id;
      is_active; phase; rollback_script; tables_affected; validated_at; validation_status'),
    ('pre_migration', 'constraint', 'migration_benchmarks', 'migration_benchmarks_pkey'),
    ('pre_migration', 'constraint', 'migration_control', 'migration_control_pkey'),
    ('pre_migration', 'constraint', 'migration_log', 'migration_log_pkey; migration_log_status_check'),
    ('pre_migration', 'constraint', 'rollback_checkpoints',
     'rollback_checkpoints_checkpoint_name_key; rollback_checkpoints_pkey;
      rollback_checkpoints_validation_status_check'),
    ('pre_migration', 'function', '', 'connection_use(); table_has_rows(text)'),
    ('phase_1', 'table', '', 'performance_baselines'),
    ('phase_1', 'column', 'performance_baselines',
     'avg_ms; buffers; id; max_ms; median_ms; min_ms; noise_ms; p95_ms; phase; plan_shape; query_name;
      recorded_at; rows_returned; run_id; samples'),
    ('phase_1', 'constraint', 'performance_baselines',
     'performance_baselines_pkey; performance_baselines_query_name_run_id_key;
      performance_baselines_samples_check'),
    ('phase_1', 'function', '',
     'benchmark_queries(); measure_query(text, integer); plan_shape(jsonb); record_baselines(text)')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('legacy', 'authentication', 'idx_authentication_profiles_id',
     'btree (profiles_id)'),
    ('legacy', 'available_funds', 'idx_available_funds_isin',
     'btree (isin_number)'),
    ('legacy', 'available_funds', 'idx_available_funds_status',
     'btree (status)'),
    ('legacy', 'available_providers', 'idx_available_providers_status',
     'btree (status)'),
    ('legacy', 'client_groups', 'idx_client_groups_advisor',
     'btree (advisor)'),
    ('legacy', 'client_groups', 'idx_client_groups_status',
     'btree (status)'),
    ('legacy', 'client_products', 'idx_client_products_client_id',
     'btree (client_id)'),
    ('legacy', 'client_products', 'idx_client_products_portfolio_id',
     'btree (portfolio_id)'),
    ('legacy', 'client_products', 'idx_client_products_provider_id',
     'btree (provider_id)'),
    ('legacy', 'client_products', 'idx_client_products_status',
     'btree (status)'),
    ('legacy', 'holding_activity_log', 'idx_holding_activity_log_portfolio_fund_id',
     'btree (portfolio_fund_id)'),
    ('legacy', 'holding_activity_log', 'idx_holding_activity_log_product_id',
     'btree (product_id)'),
    ('legacy', 'holding_activity_log', 'idx_holding_activity_log_timestamp',
     'btree (activity_timestamp)'),
    ('legacy', 'portfolio_fund_irr_values', 'idx_portfolio_fund_irr_values_date',
     'btree (date)'),
    ('legacy', 'portfolio_fund_irr_values', 'idx_portfolio_fund_irr_values_fund_id',
     'btree (fund_id)'),
    ('legacy', 'portfolio_fund_valuations', 'idx_portfolio_fund_valuations_date',
     'btree (valuation_date)'),
    ('legacy', 'portfolio_fund_valuations', 'idx_portfolio_fund_valuations_fund_id',
     'btree (portfolio_fund_id)'),
    ('legacy', 'portfolio_funds', 'idx_portfolio_funds_portfolio_id',
     'btree (portfolio_id)'),
    ('legacy', 'portfolio_funds', 'idx_portfolio_funds_status',
     'btree (status)'),
    ('legacy', 'portfolio_irr_values', 'idx_portfolio_irr_values_date',
     'btree (date)'),
    ('legacy', 'portfolio_irr_values', 'idx_portfolio_irr_values_portfolio_id',
     'btree (portfolio_id)'),
    ('legacy', 'portfolio_valuations', 'idx_portfolio_valuations_date',
     'btree (valuation_date)'),
    ('legacy', 'portfolio_valuations', 'idx_portfolio_valuations_portfolio_id',
     'btree (portfolio_id)'),
    ('legacy', 'portfolios', 'idx_portfolios_status',
     'btree (status)'),
    ('legacy', 'portfolios', 'idx_portfolios_template_generation_id',
     'btree (template_generation_id)'),
    ('legacy', 'session', 'idx_session_expires_at',
     'btree (expires_at)'),
    ('legacy', 'session', 'idx_session_profiles_id',
     'btree (profiles_id)'),
    ('legacy', 'user_page_presence', 'idx_user_page_presence_last_seen',
     'btree (last_seen)'),
    ('legacy', 'user_page_presence', 'idx_user_page_presence_page',
     'btree (page_identifier)'),
    ('legacy', 'user_page_presence', 'idx_user_page_presence_user_page',
     'btree (user_id, page_identifier)'),
    ('pre_migration', 'migration_log', 'idx_migration_log_started_at',
     'btree (started_at DESC)')
) AS i (phase, on_table, name, definition)
$body$;
COMMENT ON FUNCTION expected_legacy() IS 'objects of legacy by name';
