SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_2_field_encryption -> phase_2

-- function expected_legacy()
-- What Phase 1 and the preparation of the migration put there, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_legacy()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'expected_legacy()');

-- function expected_phase_2()
-- What phase 2 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_2()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_2', 'table', '',
     'asset_liquidity_config; client_actions; client_group_secrets; client_information_items;
      client_liquidity_customization; client_objectives; client_unmanaged_products;
      encryption_audit_log; encryption_keys; global_action_states; global_actions; networth_statements;
      product_owner_phone_rejects; product_owner_phone_sources; product_owner_phones;
      product_owners_audit_log; product_type_liquidity; row_history'),
    ('phase_2', 'column', 'asset_liquidity_config',
     'asset_subtype; asset_type; business_days_to_liquidate; created_at; default_liquidity_rank; id;
      is_system_default; liquidity_description; updated_at'),
    ('phase_2', 'column', 'client_actions',
     'action_name; active; client_group_id; completed_at; created_at; created_by; description; id;
      owner; status; target_date; updated_at'),
    ('phase_2', 'column', 'client_group_secrets',
     'client_group_id; created_at; private_notes; security_word; sensitive_data; updated_at;
      updated_by'),
    ('phase_2', 'column', 'client_information_items',
     'client_group_id; created_at; data_content; id; item_category; item_type; last_edited_by;
      updated_at; version'),
    ('phase_2', 'column', 'client_liquidity_customization',
     'approved_by; asset_subtype; asset_type; client_group_id; created_at; custom_liquidity_rank; id;
      reason_for_customization'),
    ('phase_2', 'column', 'client_objectives',
     'client_group_id; created_at; created_by; description; id; priority; progress_percentage; status;
      target_date; title; updated_at'),
    ('phase_2', 'column', 'client_unmanaged_products',
     'client_group_id; created_at; id; last_edited_by; latest_valuation; notes; ownership_details;
      product_name; product_type; provider_id; status; updated_at; valuation_date'),
    ('phase_2', 'column', 'encryption_audit_log',
     'access_time; accessed_by; client_ip; correlation_id; db_role; field_name; id; key_version;
      operation; outcome; purpose; record_id; table_name; user_agent'),
    ('phase_2', 'column', 'encryption_keys',
     'activated_at; algorithm; created_at; created_by; expires_at; id; key_check_value; key_name;
      key_version; purpose; retired_at; status'),
    ('phase_2', 'column', 'global_action_states',
     'client_group_id; completed_at; created_at; global_action_id; id; last_edited_by; status;
      updated_at'),
    ('phase_2', 'column', 'global_actions',
     'action_name; active; created_at; created_by; description; id; owner; target_date; updated_at'),
    ('phase_2', 'column', 'networth_statements',
     'client_group_id; created_at; created_by; id; net_worth; snapshot_data; statement_name;
      total_assets; total_liabilities'),
    ('phase_2', 'column', 'product_owner_phone_rejects',
     'id; product_owner_id; reason; rejected_at; resolution; resolved_at; resolved_by; source_column;
      source_text'),
    ('phase_2', 'column', 'product_owner_phone_sources',
     'duplicates; migrated; numbers_found; product_owner_id; read_at; rejected; source_column;
      source_text'),
    ('phase_2', 'column', 'product_owner_phones',
     'created_at; extension; id; is_primary; label; phone_number; phone_number_encrypted;
      phone_number_index; phone_type; product_owner_id; source_column; updated_at; updated_by'),
    ('phase_2', 'column', 'product_owners',
     'date_signed_tc; inception_date; last_fee_agreement_date; next_meeting_date; notes;
      security_words; updated_at; updated_by'),
    ('phase_2', 'column', 'product_owners_audit_log',
     'business_justification; change_type; changed_at; changed_by; correlation_id; db_role;
      field_changed; id; ip_address; justification_required; new_value_hash; old_value_hash;
      product_owner_id; subject_id; subject_table; user_agent'),
    ('phase_2', 'column', 'product_type_liquidity', 'asset_subtype; asset_type; created_at; product_type; updated_at'),
    ('phase_2', 'column', 'row_history',
     'action; actor; changes; client_group_id; correlation_id; db_role; id; occurred_at; reason;
      row_id; row_key; table_name; transaction_id'),
    ('phase_2', 'constraint', 'asset_liquidity_config',
     'asset_liquidity_config_default_liquidity_rank_check; asset_liquidity_config_pkey;
      unique_asset_liquidity'),
    ('phase_2', 'constraint', 'client_actions',
     'action_name_not_empty; client_actions_owner_check; client_actions_pkey;
      client_actions_status_check; completed_status_logic; fk_client_actions_client_group;
      fk_client_actions_creator'),
    ('phase_2', 'constraint', 'client_group_secrets',
     'chk_secrets_are_whole_envelopes; client_group_secrets_pkey; fk_client_group_secrets_client_group'),
    ('phase_2', 'constraint', 'client_information_items',
     'client_information_items_item_type_check; client_information_items_pkey;
      fk_client_items_client_group; fk_client_items_editor; item_category_not_empty;
      valid_data_content; valid_item_ownership_percentages; valid_product_owner_field_pattern'),
    ('phase_2', 'constraint', 'client_liquidity_customization',
     'client_liquidity_customization_client_group_id_fkey;
      client_liquidity_customization_custom_liquidity_rank_check; client_liquidity_customization_pkey;
      unique_client_asset_customization'),
    ('phase_2', 'constraint', 'client_objectives',
     'achieved_is_complete; client_objectives_pkey; client_objectives_priority_check;
      client_objectives_progress_percentage_check; client_objectives_status_check;
      fk_client_objectives_client_group; fk_client_objectives_creator; title_not_empty'),
    ('phase_2', 'constraint', 'client_unmanaged_products',
     'client_unmanaged_products_latest_valuation_check; client_unmanaged_products_pkey;
      client_unmanaged_products_product_type_check; client_unmanaged_products_status_check;
      fk_unmanaged_products_client_group; fk_unmanaged_products_editor; fk_unmanaged_products_provider;
      product_name_not_empty; valid_ownership_details; valid_ownership_percentages'),
    ('phase_2', 'constraint', 'encryption_audit_log',
     'chk_decrypt_names_purpose; encryption_audit_log_operation_check;
      encryption_audit_log_outcome_check; encryption_audit_log_pkey'),
    ('phase_2', 'constraint', 'encryption_keys',
     'encryption_keys_algorithm_check; encryption_keys_dates_check;
      encryption_keys_key_check_value_check; encryption_keys_key_version_check; encryption_keys_pkey;
      encryption_keys_purpose_check; encryption_keys_status_check; unique_encryption_key_version'),
    ('phase_2', 'constraint', 'global_action_states',
     'completed_status_logic; fk_global_action_states_action; fk_global_action_states_client_group;
      fk_global_action_states_editor; global_action_states_pkey; global_action_states_status_check;
      unique_global_action_state'),
    ('phase_2', 'constraint', 'global_actions',
     'fk_global_actions_creator; global_action_name_not_empty; global_actions_owner_check;
      global_actions_pkey'),
    ('phase_2', 'constraint', 'networth_statements',
     'fk_networth_statements_client_group; fk_networth_statements_creator; networth_statements_pkey;
      valid_snapshot_data; valid_totals'),
    ('phase_2', 'constraint', 'product_owner_phone_rejects', 'fk_phone_reject_product_owner; product_owner_phone_rejects_pkey'),
    ('phase_2', 'constraint', 'product_owner_phone_sources',
     'chk_phone_source_adds_up; fk_phone_source_product_owner; product_owner_phone_sources_pkey'),
    ('phase_2', 'constraint', 'product_owner_phones',
     'chk_other_requires_label; chk_phone_encrypted_is_envelope; chk_phone_extension; chk_phone_format;
      chk_phone_index_format; chk_phone_masked_when_encrypted; fk_phone_product_owner;
      phone_number_not_empty; product_owner_phones_phone_type_check; product_owner_phones_pkey'),
    ('phase_2', 'constraint', 'product_owners_audit_log',
     'chk_audit_tells_no_value; chk_sensitive_justification;
      product_owners_audit_log_change_type_check; product_owners_audit_log_pkey'),
    ('phase_2', 'constraint', 'product_type_liquidity', 'product_type_liquidity_pkey'),
    ('phase_2', 'constraint', 'row_history', 'row_history_action_check; row_history_pkey'),
    ('phase_2', 'trigger', 'asset_liquidity_config',
     'asset_liquidity_config_touch; history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_actions',
     'client_actions_status; client_actions_switch; client_actions_touch; history_delete; history_insert;
      history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_group_product_owners', 'history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_group_secrets',
     'client_group_secrets_sensitive; client_group_secrets_touch_insert;
      client_group_secrets_touch_update; history_delete; history_insert; history_truncate;
      history_update'),
    ('phase_2', 'trigger', 'client_groups', 'history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_information_items',
     'client_information_items_switch; client_information_items_touch; client_information_items_version;
      history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_liquidity_customization', 'history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'client_objectives',
     'client_objectives_switch; client_objectives_touch; history_delete; history_insert; history_truncate;
      history_update'),
    ('phase_2', 'trigger', 'client_unmanaged_products',
     'client_unmanaged_products_status; client_unmanaged_products_switch; client_unmanaged_products_touch;
      client_unmanaged_products_valuation_date; history_delete; history_insert; history_truncate;
      history_update'),
    ('phase_2', 'trigger', 'encryption_audit_log', 'encryption_audit_log_append_only'),
    ('phase_2', 'trigger', 'encryption_keys', 'history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'global_action_states',
     'global_action_states_status; global_action_states_touch; history_delete; history_insert;
      history_truncate; history_update'),
    ('phase_2', 'trigger', 'global_actions',
     'global_actions_switch; global_actions_touch; history_delete; history_insert; history_truncate;
      history_update'),
    ('phase_2', 'trigger', 'networth_statements',
     'guard_rows; guard_truncate; history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'product_owner_phones',
     'history_delete; history_insert; history_truncate; history_update;
      product_owner_phones_encryption_insert; product_owner_phones_encryption_update;
      product_owner_phones_touch_insert; product_owner_phones_touch_update'),
    ('phase_2', 'trigger', 'product_owner_products', 'history_delete; history_insert; history_truncate; history_update'),
    ('phase_2', 'trigger', 'product_owners',
     'history_delete; history_insert; history_truncate; history_update;
      product_owners_dates_insert; product_owners_dates_update; product_owners_sensitive_insert;
      product_owners_sensitive_update; product_owners_touch_insert; product_owners_touch_update'),
    ('phase_2', 'trigger', 'product_owners_audit_log', 'product_owners_audit_log_append_only'),
    ('phase_2', 'trigger', 'product_type_liquidity',
     'history_delete; history_insert; history_truncate; history_update; product_type_liquidity_touch'),
    ('phase_2', 'trigger', 'row_history', 'audit_product_owners_changes; row_history_append_only'),
    ('phase_2', 'view', '',
     'client_group_last_change; client_groups_secure; global_action_status; networth_parts;
      product_owner_phones_secure; sensitive_field_status'),
    ('phase_2', 'function', '',
     'apply_action_status(); asset_liquidity(bigint, character varying, character varying);
      audit_product_owner_changes(); bump_row_version();
      check_phone_encryption(); check_product_owner_dates(); check_unmanaged_product_status();
      check_valuation_date(); client_address(); client_item_amount(jsonb); expected_legacy();
      expected_objects(); expected_phase_2(); explain_client_item_data(text, jsonb);
      explain_product_owner_fields(character varying, jsonb); feature_enabled(text);
      get_asset_liquidity_rank(bigint, character varying, character varying);
      guard_networth_statement(); is_field_envelope(text); is_json_amount(jsonb);
      is_liability_item(text, jsonb); jsonb_key_count(jsonb); last_change(text, bigint);
      make_networth_statement(bigint, bigint, character varying); mask_phone_number(text);
      mask_sensitive_text(text); missing_objects(text); networth_by_liquidity(bigint);
      parse_phone_numbers(text); record_row_history(); redacted_value(jsonb);
      refuse_global_actions_when_off(); refuse_rewrite(); refuse_when_off(); require_envelope();
      set_global_action_status(bigint, bigint, text, bigint); touch_product_owner();
      touch_updated_at(); validate_action_state_transition(text, text);
      validate_client_item_data(text, jsonb); validate_ownership_details(jsonb);
      validate_ownership_percentages(jsonb); validate_ownership_shares(jsonb, boolean);
      validate_phone_number(text); validate_product_owner_fields(character varying, jsonb);
      validate_unmanaged_product_transition(text, text); value_state(jsonb)')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_2', 'encryption_audit_log', 'idx_encryption_audit_log_accessed_by',
     'btree (accessed_by, access_time DESC)'),
    ('phase_2', 'encryption_audit_log', 'idx_encryption_audit_log_record',
     'btree (table_name, record_id, access_time DESC)'),
    ('phase_2', 'encryption_keys', 'idx_encryption_keys_active',
     'btree (key_name) WHERE status::text = ''active''::text'),
    ('phase_2', 'global_action_states', 'idx_global_action_states_client_group',
     'btree (client_group_id)'),
    ('phase_2', 'product_owner_phone_rejects', 'idx_product_owner_phone_rejects_open',
     'btree (rejected_at) WHERE resolved_at IS NULL'),
    ('phase_2', 'product_owner_phone_rejects', 'idx_product_owner_phone_rejects_owner_id',
     'btree (product_owner_id)'),
    ('phase_2', 'product_owner_phones', 'idx_product_owner_phones_index',
     'btree (phone_number_index) WHERE phone_number_index IS NOT NULL'),
    ('phase_2', 'product_owner_phones', 'idx_product_owner_phones_owner_id',
     'btree (product_owner_id)'),
    ('phase_2', 'product_owner_phones', 'idx_product_owner_phones_primary',
     'btree (product_owner_id) WHERE is_primary'),
    ('phase_2', 'product_owner_phones', 'idx_product_owner_phones_type',
     'btree (phone_type)'),
    ('phase_2', 'product_owner_phones', 'idx_product_owner_phones_updated_at',
     'btree (updated_at DESC)'),
    ('phase_2', 'product_owners', 'idx_product_owners_inception_date',
     'btree (inception_date)'),
    ('phase_2', 'product_owners', 'idx_product_owners_next_meeting',
     'btree (next_meeting_date) WHERE next_meeting_date IS NOT NULL'),
    ('phase_2', 'product_owners', 'idx_product_owners_updated_at',
     'btree (updated_at DESC)'),
    ('phase_2', 'product_owners_audit_log', 'idx_product_owners_audit_changed_at',
     'btree (changed_at DESC)'),
    ('phase_2', 'product_owners_audit_log', 'idx_product_owners_audit_changed_by',
     'btree (changed_by)'),
    ('phase_2', 'product_owners_audit_log', 'idx_product_owners_audit_field',
     'btree (field_changed)'),
    ('phase_2', 'product_owners_audit_log', 'idx_product_owners_audit_owner_id',
     'btree (product_owner_id)'),
    ('phase_2', 'product_owners_audit_log', 'idx_product_owners_audit_sensitive',
     'btree (changed_at, field_changed) WHERE field_changed::text = ANY (ARRAY[''security_words''::character varying, ''notes''::character varying]::text[])'),
    ('phase_2', 'row_history', 'idx_row_history_client_group',
     'btree (client_group_id, occurred_at DESC) WHERE client_group_id IS NOT NULL'),
    ('phase_2', 'row_history', 'idx_row_history_former',
     'gin (changes jsonb_path_ops) WHERE client_group_id IS NULL AND (action::text = ANY (ARRAY[''delete''::character varying, ''truncate''::character varying]::text[])) OR action::text = ''update''::text AND changes ?| ARRAY[''client_group_id''::text, ''client_id''::text, ''product_id''::text, ''product_owner_id''::text]'),
    ('phase_2', 'row_history', 'idx_row_history_recovery',
     'btree (correlation_id) WHERE correlation_id ~~ ''recover %''::text'),
    ('phase_2', 'row_history', 'idx_row_history_row',
     'btree (table_name, row_id, occurred_at DESC)'),
    ('phase_2', 'row_history', 'idx_row_history_time',
     'brin (occurred_at) WITH (pages_per_range=''16'', autosummarize=''on'')')
) AS i (phase, on_table, name, definition)
$body$;
COMMENT ON FUNCTION expected_phase_2() IS 'objects of phase 2 by name';

SELECT kingston.give_back_grants('function', 'expected_phase_2()');

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
$body$;
COMMENT ON FUNCTION expected_objects() IS 'every object of the portal by name and phase, indexes with their definition';

SELECT kingston.give_back_grants('function', 'expected_objects()');

-- function missing_objects(text)
-- Which objects that should be there up to a phase are missing, not valid, switched off or different;
-- no row: all is well.  Objects are compared by name and, for indexes, by definition, never by counts
-- (errata E-077 to E-079, E-140, E-144, E-163, E-164).  What should be there says expected_objects().
-- Definitions are compared without casts and brackets, which PostgreSQL prints otherwise after a dump and restore.
-- An index whose build failed is not valid and does not count (E-198).  What a later phase replaces is listed
-- there as dropped, and must be gone.
-- Called by the gates, the health check and both checklists.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION missing_objects(p_phase text DEFAULT 'phase_6')
RETURNS TABLE (phase text, kind text, on_table text, name text, finding text)
LANGUAGE sql STABLE
SET search_path = public, pg_temp
AS $body$
    WITH expected AS (
        SELECT e.* FROM expected_objects() AS e
        WHERE array_position(ARRAY['legacy', 'pre_migration', 'phase_1', 'phase_2', 'phase_3', 'phase_4',
                                   'phase_5', 'phase_6'], e.phase)
              <= array_position(ARRAY['legacy', 'pre_migration', 'phase_1', 'phase_2', 'phase_3', 'phase_4',
                                      'phase_5', 'phase_6'], p_phase)
    ), relation AS (
        SELECT c.oid, c.relname::text AS name, c.relkind
        FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace
    ), found AS (
        SELECT CASE WHEN r.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END AS kind, '' AS on_table, r.name,
               NULL::text AS finding, NULL::text AS definition
        FROM relation AS r
        WHERE r.relkind IN ('r', 'p', 'v', 'm')
        UNION ALL
        SELECT 'column', r.name, a.attname::text, NULL, NULL
        FROM relation AS r
        JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE r.relkind IN ('r', 'p')
        UNION ALL
        SELECT 'constraint', r.name, k.conname::text, CASE WHEN NOT k.convalidated THEN 'not validated' END, NULL
        FROM relation AS r
        JOIN pg_constraint AS k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'f', 'c')
        UNION ALL
        SELECT 'index', t.name, r.name, CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'not valid' END,
               regexp_replace(pg_get_indexdef(i.indexrelid, 0, true), '^.* USING ', '')
        FROM relation AS r
        JOIN pg_index AS i ON i.indexrelid = r.oid
        JOIN relation AS t ON t.oid = i.indrelid
        UNION ALL
        SELECT 'trigger', r.name, g.tgname::text, CASE g.tgenabled WHEN 'D' THEN 'switched off' WHEN 'R' THEN 'switched off' END,
               NULL
        FROM relation AS r
        JOIN pg_trigger AS g ON g.tgrelid = r.oid AND NOT g.tgisinternal
        UNION ALL
        SELECT 'function', '', p.proname || '(' || oidvectortypes(p.proargtypes) || ')', NULL, NULL
        FROM pg_proc AS p
        WHERE p.pronamespace = 'public'::regnamespace
    )
    SELECT e.phase, e.kind, e.on_table, e.name,
           CASE WHEN e.definition = 'dropped' THEN 'is still there'
                WHEN f.name IS NULL THEN 'missing'
                WHEN f.finding IS NOT NULL THEN f.finding
                ELSE 'is ' || f.definition || ', not ' || e.definition END
    FROM expected AS e
    LEFT JOIN found AS f ON f.kind = e.kind AND f.on_table = e.on_table AND f.name = e.name
    WHERE CASE WHEN e.definition = 'dropped' THEN f.name IS NOT NULL
               ELSE (f.name IS NULL OR f.finding IS NOT NULL
                     OR regexp_replace(f.definition, '::(character varying|[a-z_]+)(\[\])?|[() ]', '', 'g')
                        <> regexp_replace(e.definition, '::(character varying|[a-z_]+)(\[\])?|[() ]', '', 'g'))
                    AND NOT EXISTS (SELECT 1 FROM expected AS d
                                    WHERE d.kind = e.kind AND d.on_table = e.on_table AND d.name = e.name
                                      AND d.definition = 'dropped') END
    ORDER BY e.phase, e.kind, e.on_table, e.name
$body$;
COMMENT ON FUNCTION missing_objects(text) IS
    'objects expected up to a phase that are missing, not valid, switched off or different; none: all is well';

SELECT kingston.give_back_grants('function', 'missing_objects(text)');

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table and column is there') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind IN ('table', 'column') AND m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'tables_and_columns', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every constraint is there and validated, so all rows obey the rules') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'constraint' AND m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'constraints_valid', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every index is there, valid, and as defined') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'index' AND m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'indexes_valid', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every trigger is there and switched on') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'trigger' AND m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'triggers_on', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, m.name, m.finding), ', '),
                'every view and function is there') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind IN ('view', 'function') AND m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'views_and_functions', 'critical',
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
FROM missing_objects('phase_2') AS m
WHERE m.phase = 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'legacy_objects', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE s.numbers_found IS DISTINCT FROM s.migrated + s.rejected + s.duplicates) = 0 AS ok,
       coalesce(sum(s.numbers_found), 0) || ' numbers found in ' || count(*) || ' source texts: '
       || coalesce(sum(s.migrated), 0) || ' migrated, ' || coalesce(sum(s.rejected), 0) || ' kept aside, '
       || coalesce(sum(s.duplicates), 0) || ' repeated' AS found
FROM product_owner_phone_sources AS s
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'phones_accounted_for', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 telephone text' ELSE count(*) || ' telephone texts' END || ' could not be read as a number; somebody has to look' AS found
FROM product_owner_phone_rejects AS r
WHERE r.resolved_at IS NULL
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'rejected_phones', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 owner has' ELSE count(*) || ' owners have' END || ' more than one primary number' AS found
FROM (SELECT 1 FROM product_owner_phones AS p WHERE p.is_primary GROUP BY p.product_owner_id HAVING count(*) > 1) AS d
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'one_primary_phone', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, count(*) || ' product owners have no inception date' AS found
FROM product_owners AS o
WHERE o.inception_date IS NULL AND o.updated_at IS NULL AND o.created_at IS NOT NULL
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'inception_dates', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) >= 21 AS ok, CASE count(*) WHEN 1 THEN '1 liquidity default' ELSE count(*) || ' liquidity defaults' END || ', 21 or more are expected' AS found
FROM asset_liquidity_config AS c
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'liquidity_defaults', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(c.setting) = count(*) AS ok,
       coalesce('missing: ' || string_agg(s.name, ', ') FILTER (WHERE c.setting IS NULL), 'all ' || count(*) || ' settings are there') AS found
FROM (VALUES ('current_phase'), ('rollback_enabled'), ('performance_tolerance_percent'), ('max_downtime_hours'),
             ('encryption_enabled'), ('audit_logging_level'), ('dense_ui_optimization'), ('global_actions_enabled'),
             ('liquidity_rankings_enabled')) AS s (name)
LEFT JOIN migration_control AS c ON c.setting = s.name
  ) AS q;
  PERFORM kingston.record_gate('phase_2', 'settings', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'phase_2', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='phase_2' WHERE alembic_version.version_num = 'phase_2_field_encryption';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_2', '{"outcome": "done", "revision": "phase_2", "detail": "by a script", "files": {"versions/0299_phase_2.py": "SHA-256", "sql/expected_legacy/0299.sql": "SHA-256", "sql/expected_objects/0299.sql": "SHA-256", "sql/expected_phase_2/0299.sql": "SHA-256", "sql/gate_phase_2/0299.sql": "SHA-256", "sql/missing_objects/0299.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

