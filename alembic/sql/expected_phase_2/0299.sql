-- function expected_phase_2()
-- What phase 2 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_2()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
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
