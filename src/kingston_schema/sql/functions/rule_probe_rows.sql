-- function rule_probe_rows()
-- One row per table that every rule accepts; the probes of rule_probes() change one thing in it.  Ids are
-- negative and given, so that no sequence moves, and parents are the rows -1 that prove_rules() makes.
-- Called by prove_rules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION rule_probe_rows() RETURNS TABLE (on_table text, base jsonb)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
VALUES
('product_owners'::text, '{"id": -3, "firstname": "Probe"}'::jsonb),
('product_owner_phones', '{"id": -1, "product_owner_id": -1, "phone_type": "mobile", "phone_number": "+44 7700 900456"}'),
('product_owner_phone_sources', '{"product_owner_id": -1, "source_column": "probe", "source_text": "1", "numbers_found": 1,
    "migrated": 1, "rejected": 0, "duplicates": 0}'),
('client_information_items', '{"id": -1, "client_group_id": -1, "item_type": "basic_detail", "item_category": "Probe",
    "data_content": {"name": "Ann", "product_owners": [1]}, "last_edited_by": -1}'),
('client_unmanaged_products', '{"id": -1, "client_group_id": -1, "product_name": "Probe", "product_type": "Cash_ISAs",
    "latest_valuation": 1, "valuation_date": "2020-01-01", "ownership_details": {}, "last_edited_by": -1}'),
('client_actions', '{"id": -1, "client_group_id": -1, "action_name": "Probe", "owner": "advisor", "created_by": -1}'),
('client_objectives', '{"id": -1, "client_group_id": -1, "title": "Probe", "priority": 1, "created_by": -1}'),
('global_actions', '{"id": -1, "action_name": "Probe", "owner": "client", "created_by": -1}'),
('global_action_states', '{"id": -1, "global_action_id": -1, "client_group_id": -1}'),
('networth_statements', '{"id": -1, "client_group_id": -1, "created_by": -1, "total_assets": 3, "total_liabilities": 1,
    "snapshot_data": {"snapshot_timestamp": "2020-01-01", "managed_products": [], "unmanaged_products": [], "information_items": []}}'),
('asset_liquidity_config', '{"id": -1, "asset_type": "probe", "default_liquidity_rank": 5}'),
('client_liquidity_customization', '{"id": -1, "client_group_id": -1, "asset_type": "probe", "custom_liquidity_rank": 5, "approved_by": "probe"}'),
('client_group_secrets', '{"client_group_id": -1}'),
('encryption_keys', '{"id": -1, "key_name": "probe", "key_version": 1, "purpose": "encryption", "algorithm": "aes-256-gcm",
    "key_check_value": "0123456789abcdef"}'),
('encryption_audit_log', '{"id": -1, "table_name": "probe", "record_id": 1, "field_name": "probe", "operation": "decrypt",
    "accessed_by": "probe", "purpose": "probe"}'),
('product_owners_audit_log', '{"id": -1, "product_owner_id": 1, "field_changed": "notes", "change_type": "update",
    "changed_by": "probe", "subject_id": 1, "business_justification": "probe"}'),
('ownership_audit_log', '{"id": -1, "subject_table": "client_products", "subject_id": 1, "after": {}, "cause": "document", "actor": "probe",
    "transaction_id": 1}'),
('row_history', '{"id": -1, "table_name": "probe", "row_key": {"id": 1}, "action": "insert", "actor": "probe", "transaction_id": 1}')
$body$;
COMMENT ON FUNCTION rule_probe_rows() IS 'a row per table that every rule accepts, for prove_rules()';
