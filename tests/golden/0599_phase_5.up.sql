SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_5';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_5_audit -> phase_5

-- function rule_probe_rows()
-- One row per table that every rule accepts; the probes of rule_probes() change one thing in it.  Ids are
-- negative and given, so that no sequence moves, and parents are the rows -1 that prove_rules() makes.
-- Called by prove_rules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION rule_probe_rows() RETURNS TABLE (on_table text, base jsonb)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
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

SELECT kingston.give_back_grants('function', 'rule_probe_rows()');

-- function rule_probes()
-- What every rule must refuse and what it must accept (C-047; errata E-089, E-090: the right SQLSTATE and
-- the right rule, not just any error).
--   changes    put over the table's row of rule_probe_rows() and inserted
--   statement  run after that row is in
--   sqlstate, rule   how it must be refused; NULL: it must be accepted
-- Called by prove_rules.  Tests: tests/sql/test_prove_rules.py, which also demands a probe for every rule.
CREATE OR REPLACE FUNCTION rule_probes()
RETURNS TABLE (on_table text, sqlstate text, rule text, changes jsonb, statement text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
VALUES
('product_owners'::text, '23514'::text, 'chk_meeting_date_future'::text, '{"next_meeting_date": "2000-01-01"}'::jsonb, NULL::text),
('product_owners', '23514', 'chk_tc_date_valid', '{"date_signed_tc": "2999-01-01"}', NULL),
('product_owners', '23514', 'chk_fee_agreement_valid', '{"last_fee_agreement_date": "2999-01-01"}', NULL),
('product_owners', NULL, NULL, '{"next_meeting_date": "2999-01-01", "date_signed_tc": "2000-01-01"}', NULL),
('product_owners', '23514', 'sensitive_field_is_encrypted', '{"security_words": "enc:no envelope"}', NULL),
('product_owner_phones', NULL, NULL, '{}', NULL),
('product_owner_phones', NULL, NULL, '{"phone_number": "(020) 7946-0018", "phone_type": "other", "label": "Shop"}', NULL),
('product_owner_phones', '23514', 'product_owner_phones_phone_type_check', '{"phone_type": "fax"}', NULL),
('product_owner_phones', '23514', 'chk_phone_format', '{"phone_number": "sssssss"}', NULL),
('product_owner_phones', '23514', 'chk_phone_format', '{"phone_number": "......."}', NULL),
('product_owner_phones', '23514', 'chk_other_requires_label', '{"phone_type": "other", "label": " "}', NULL),
('product_owner_phones', '23514', 'chk_phone_extension', '{"extension": "x1"}', NULL),
('product_owner_phones', '23514', 'phone_mask_has_ciphertext', '{"phone_number": "+XX XXXX XXX456"}', NULL),
('product_owner_phones', '23514', 'chk_phone_encrypted_is_envelope', '{"phone_number": "+XX XXXX XXX456", "phone_number_encrypted": "clear"}', NULL),
('product_owner_phones', '23514', 'chk_phone_masked_when_encrypted', '{"phone_number_encrypted": "enc:1:1:AAAA"}', NULL),
('product_owner_phones', '23514', 'chk_phone_index_format', '{"phone_number_index": "readable"}', NULL),
('product_owner_phones', '23505', 'idx_product_owner_phones_primary', '{"is_primary": true}',
 'INSERT INTO product_owner_phones (id, product_owner_id, phone_type, phone_number, is_primary) OVERRIDING SYSTEM VALUE VALUES (-2, -1, ''work'', ''+44 7700 900457'', true)'),
('product_owner_phones', '23503', 'fk_phone_product_owner', '{"product_owner_id": -99}', NULL),
('product_owner_phone_sources', '23514', 'chk_phone_source_adds_up', '{"migrated": 0}', NULL),
('client_information_items', NULL, NULL, '{}', NULL),
('client_information_items', NULL, NULL, '{"item_type": "assets_liabilities", "data_content": {"estimated_value": 1,
    "associated_product_owners": {"association_type": "tenants_in_common", "1": 60, "2": 40}}}', NULL),
('client_information_items', '23514', 'client_information_items_item_type_check', '{"item_type": "gossip"}', NULL),
('client_information_items', '23514', 'item_category_not_empty', '{"item_category": " "}', NULL),
('client_information_items', '23514', 'valid_data_content', '{"data_content": []}', NULL),
('client_information_items', '23514', 'valid_item_data_structure', '{"data_content": {"product_owners": [1]}}', NULL),
('client_information_items', '23514', 'valid_product_owner_field_pattern', '{"data_content": {"name": "Ann"}}', NULL),
('client_information_items', '23514', 'valid_item_ownership_percentages', '{"item_type": "protection", "data_content": {"policy_number": "1",
    "associated_product_owners": {"association_type": "tenants_in_common", "1": 50, "2": 60}}}', NULL),
('client_information_items', '23503', 'fk_client_items_client_group', '{"client_group_id": -99}', NULL),
('client_information_items', '23503', 'fk_client_items_editor', '{"last_edited_by": -99}', NULL),
('client_unmanaged_products', NULL, NULL, '{}', NULL),
('client_unmanaged_products', '23514', 'product_name_not_empty', '{"product_name": ""}', NULL),
('client_unmanaged_products', '23514', 'client_unmanaged_products_product_type_check', '{"product_type": "ISA"}', NULL),
('client_unmanaged_products', '23514', 'client_unmanaged_products_latest_valuation_check', '{"latest_valuation": -1}', NULL),
('client_unmanaged_products', '23514', 'valid_valuation_date', '{"valuation_date": "2999-01-01"}', NULL),
('client_unmanaged_products', '23514', 'client_unmanaged_products_status_check', '{"status": "lost"}', NULL),
('client_unmanaged_products', '23514', 'valid_unmanaged_product_transition', '{"status": "sold"}',
 'UPDATE client_unmanaged_products SET status = ''active'' WHERE id = -1'),
('client_unmanaged_products', '23514', 'valid_ownership_details', '{"ownership_details": {"association_type": "friends"}}', NULL),
('client_unmanaged_products', '23503', 'fk_unmanaged_products_client_group', '{"client_group_id": -99}', NULL),
('client_unmanaged_products', '23503', 'fk_unmanaged_products_provider', '{"provider_id": -99}', NULL),
('client_unmanaged_products', '23503', 'fk_unmanaged_products_editor', '{"last_edited_by": -99}', NULL),
('client_actions', NULL, NULL, '{}', 'UPDATE client_actions SET status = ''completed'' WHERE id = -1'),
('client_actions', '23514', 'action_name_not_empty', '{"action_name": " "}', NULL),
('client_actions', '23514', 'client_actions_owner_check', '{"owner": "spouse"}', NULL),
('client_actions', '23514', 'client_actions_status_check', '{"status": "done"}', NULL),
('client_actions', '23514', 'completed_status_logic', '{"status": "completed"}', NULL),
('client_actions', '23514', 'valid_action_transition', '{"status": "completed", "completed_at": "2020-01-01"}',
 'UPDATE client_actions SET status = ''cancelled'' WHERE id = -1'),
('client_actions', '23503', 'fk_client_actions_client_group', '{"client_group_id": -99}', NULL),
('client_actions', '23503', 'fk_client_actions_creator', '{"created_by": -99}', NULL),
('client_objectives', NULL, NULL, '{"status": "achieved", "progress_percentage": 100}', NULL),
('client_objectives', '23514', 'title_not_empty', '{"title": ""}', NULL),
('client_objectives', '23514', 'client_objectives_priority_check', '{"priority": 6}', NULL),
('client_objectives', '23514', 'client_objectives_status_check', '{"status": "done"}', NULL),
('client_objectives', '23514', 'client_objectives_progress_percentage_check', '{"progress_percentage": 101}', NULL),
('client_objectives', '23514', 'achieved_is_complete', '{"status": "achieved", "progress_percentage": 99}', NULL),
('client_objectives', '23503', 'fk_client_objectives_client_group', '{"client_group_id": -99}', NULL),
('client_objectives', '23503', 'fk_client_objectives_creator', '{"created_by": -99}', NULL),
('global_actions', '23514', 'global_action_name_not_empty', '{"action_name": ""}', NULL),
('global_actions', '23514', 'global_actions_owner_check', '{"owner": "spouse"}', NULL),
('global_actions', NULL, NULL, '{}', 'INSERT INTO global_action_states (id, global_action_id, client_group_id) OVERRIDING SYSTEM VALUE VALUES (-1, -1, -1)'),
('global_actions', '23514', 'global_action_states_status_check', '{}',
 'INSERT INTO global_action_states (id, global_action_id, client_group_id, status) OVERRIDING SYSTEM VALUE VALUES (-1, -1, -1, ''done'')'),
('global_actions', '23514', 'completed_status_logic', '{}',
 'INSERT INTO global_action_states (id, global_action_id, client_group_id, status) OVERRIDING SYSTEM VALUE VALUES (-1, -1, -1, ''completed'')'),
('global_actions', '23505', 'unique_global_action_state', '{}',
 'INSERT INTO global_action_states (id, global_action_id, client_group_id) OVERRIDING SYSTEM VALUE VALUES (-1, -1, -1), (-2, -1, -1)'),
('networth_statements', NULL, NULL, '{}', NULL),
('networth_statements', '23514', 'valid_snapshot_data', '{"snapshot_data": {"managed_products": []}}', NULL),
('networth_statements', '23514', 'valid_totals', '{"total_liabilities": -1}', NULL),
('networth_statements', '23001', '', '{}', 'UPDATE networth_statements SET total_assets = 4 WHERE id = -1'),
('networth_statements', '23001', '', '{}', 'DELETE FROM networth_statements WHERE id = -1'),
('asset_liquidity_config', '23514', 'asset_liquidity_config_default_liquidity_rank_check', '{"default_liquidity_rank": 11}', NULL),
('asset_liquidity_config', '23505', 'unique_asset_liquidity', '{}',
 'INSERT INTO asset_liquidity_config (id, asset_type, default_liquidity_rank) OVERRIDING SYSTEM VALUE VALUES (-2, ''probe'', 1)'),
('client_liquidity_customization', '23514', 'client_liquidity_customization_custom_liquidity_rank_check', '{"custom_liquidity_rank": 0}', NULL),
('client_liquidity_customization', '23505', 'unique_client_asset_customization', '{}',
 'INSERT INTO client_liquidity_customization (id, client_group_id, asset_type, custom_liquidity_rank, approved_by) OVERRIDING SYSTEM VALUE VALUES (-2, -1, ''probe'', 1, ''probe'')'),
('client_group_secrets', '23514', 'sensitive_field_is_encrypted', '{"security_word": "enc:no envelope"}', NULL),
('encryption_keys', NULL, NULL, '{}', NULL),
('encryption_keys', '23514', 'encryption_keys_key_version_check', '{"key_version": 0}', NULL),
('encryption_keys', '23514', 'encryption_keys_algorithm_check', '{"algorithm": "aes"}', NULL),
('encryption_keys', '23514', 'encryption_keys_status_check', '{"status": "lost", "activated_at": "2020-01-01"}', NULL),
('encryption_keys', '23514', 'encryption_keys_key_check_value_check', '{"key_check_value": "secret"}', NULL),
('encryption_keys', '23514', 'encryption_keys_dates_check', '{"activated_at": "2020-01-01"}', NULL),
('encryption_keys', '23505', 'unique_encryption_key_version', '{}',
 'INSERT INTO encryption_keys (id, key_name, key_version, purpose, algorithm, key_check_value) OVERRIDING SYSTEM VALUE VALUES (-2, ''probe'', 1, ''encryption'', ''aes-256-gcm'', ''0123456789abcdef'')'),
('encryption_audit_log', NULL, NULL, '{}', NULL),
('encryption_audit_log', '23514', 'encryption_audit_log_operation_check', '{"operation": "guess"}', NULL),
('encryption_audit_log', '23514', 'encryption_audit_log_outcome_check', '{"outcome": "maybe"}', NULL),
('encryption_audit_log', '23514', 'chk_decrypt_names_purpose', '{"purpose": " "}', NULL),
('encryption_audit_log', '23001', '', '{}', 'DELETE FROM encryption_audit_log WHERE id = -1'),
('product_owners_audit_log', NULL, NULL, '{}', NULL),
('product_owners_audit_log', '23514', 'product_owners_audit_log_change_type_check', '{"change_type": "guess"}', NULL),
('product_owners_audit_log', '23514', 'chk_sensitive_justification', '{"business_justification": null}', NULL),
('product_owners_audit_log', '23514', 'chk_audit_tells_no_value', '{"old_value_hash": "5f4dcc3b"}', NULL),
('product_owners_audit_log', '23001', '', '{}', 'UPDATE product_owners_audit_log SET changed_by = ''me'' WHERE id = -1'),
('ownership_audit_log', NULL, NULL, '{}', NULL),
('ownership_audit_log', '23514', 'ownership_audit_log_subject_check', '{"subject_table": "profiles"}', NULL),
('ownership_audit_log', '23514', 'ownership_audit_log_cause_check', '{"cause": "mood"}', NULL),
('ownership_audit_log', '23514', 'ownership_audit_log_real_change', '{"before": {}}', NULL),
('ownership_audit_log', '23001', '', '{}', 'DELETE FROM ownership_audit_log WHERE id = -1'),
('row_history', '23514', 'row_history_action_check', '{"action": "select"}', NULL),
('row_history', '23001', '', '{}', 'DELETE FROM row_history WHERE id = -1')
$body$;
COMMENT ON FUNCTION rule_probes() IS 'what each rule must refuse, and how, and what must be accepted';

SELECT kingston.give_back_grants('function', 'rule_probes()');

-- function ownership_probes()
-- Ownership documents with the rule that must refuse each, on managed and on unmanaged products; NULL: it must
-- be accepted.  The five cases of document 000 (C-047) are the first five; then errata E-092 to E-094.
-- Called by prove_rules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION ownership_probes()
RETURNS TABLE (document text, managed_rule text, unmanaged_rule text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
VALUES
('{"association_type": "tenants_in_common", "1": 50, "2": 60}'::text, 'valid_product_ownership_details_precise'::text, 'valid_ownership_percentages_precise'::text),
('{"association_type": "tenants_in_common", "1": 33.33, "2": 33.33, "3": 33.34}', NULL, NULL),
('{"association_type": ', 'not json', 'not json'),
('{"association_type": "individual", "1": 100}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 33.33, "2": 33.34, "3": 33.33}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 60, "2": 40, "note": "as agreed"}', NULL, NULL),
('{"association_type": "joint_ownership", "joint_owners": [1, 2]}', NULL, NULL),
('{"association_type": "individual", "note": "no_previous_ownership"}', NULL, NULL),
('{"association_type": "tenants_in_common", "1": 49, "2": 50}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common", "1": 33.334, "2": 33.333, "3": 33.333}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": 50, "2": 50}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": 3}', 'valid_product_ownership_details_precise', 'valid_ownership_percentages_precise'),
('{"association_type": "individual", "1": "100"}', 'product_ownership_share_is_number', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common", "1": 110, "2": -10}', 'product_ownership_share_not_negative', 'valid_ownership_percentages_precise'),
('{"association_type": "tenants_in_common"}', 'product_ownership_has_owners', 'valid_ownership_percentages_precise'),
('{"association_type": "joint_ownership", "joint_owners": [1]}', 'product_ownership_has_owners', 'valid_ownership_percentages_precise'),
('{"association_type": "friends", "1": 100}', 'valid_product_ownership_details', 'valid_ownership_details'),
('[]', 'valid_product_ownership_details', 'valid_ownership_details')
$body$;
COMMENT ON FUNCTION ownership_probes() IS 'ownership documents with the rule that must refuse each, or none';

SELECT kingston.give_back_grants('function', 'ownership_probes()');

-- function prove_rules()
-- Proves every rule on this database: each probe of rule_probes() and ownership_probes() is tried for real and
-- must be refused by its own rule, or accepted; and everything is rolled back, whatever happens (C-047; errata
-- E-089, E-090, E-203).  Works on an empty database.  Ids are given and negative, so no sequence of a legacy
-- table moves.  Accepted documents of managed products are tried on the rules' own expressions, because a
-- document that is really written brings links with it.
-- One row per probe; ok says whether it went as it must, found what happened.
-- Called by the gate phase_5 and by schedules.  Tests: tests/sql/test_prove_rules.py
CREATE OR REPLACE FUNCTION prove_rules()
RETURNS TABLE (on_table text, rule text, probe text, ok boolean, found text)
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_probe record;
    v_results jsonb := '[]';
    v_columns text;
    v_state text;
    v_rule text;
    v_check record;
    v_holds boolean;
BEGIN
    BEGIN
        -- All parents and every probe live in this block, which always ends in an exception.
        UPDATE migration_control AS c SET value = 'false' WHERE c.setting = 'encryption_enabled';
        UPDATE migration_control AS c SET value = 'true' WHERE c.setting = 'global_actions_enabled';
        INSERT INTO client_groups (id, name) VALUES (-1, 'Probe');
        INSERT INTO profiles (id, email) VALUES (-1, 'probe');
        INSERT INTO product_owners (id, firstname) VALUES (-1, 'Probe');
        FOR v_probe IN
            SELECT p.on_table, p.sqlstate, p.rule, r.base || p.changes AS document, p.statement,
                   coalesce(p.statement, p.changes::text) AS probe
            FROM rule_probes() AS p
            JOIN rule_probe_rows() AS r ON r.on_table = p.on_table
            WHERE p.on_table <> 'product_owners'  -- a column the portal had before Phase 2 obeys no rule of ours
               OR ARRAY(SELECT k.key FROM jsonb_object_keys(p.changes) AS k (key))
                  <@ kingston.our_columns(p.on_table, ARRAY(SELECT k.key FROM jsonb_object_keys(p.changes) AS k (key)))
            UNION ALL
            SELECT t.name, CASE WHEN d.rule = 'not json' THEN '22P02' WHEN d.rule IS NOT NULL THEN '23514' END,
                   CASE WHEN d.rule = 'not json' THEN '' ELSE d.rule END, NULL,
                   CASE t.name
                       WHEN 'client_products' THEN format('INSERT INTO client_products (id, client_id, ownership_details) VALUES (-1, -1, %L)', o.document)
                       ELSE format('INSERT INTO client_unmanaged_products (id, client_group_id, product_name, product_type, last_edited_by, ownership_details)'
                                   ' OVERRIDING SYSTEM VALUE VALUES (-1, -1, ''Probe'', ''Pensions'', -1, %L)', o.document) END,
                   o.document
            FROM ownership_probes() AS o
            CROSS JOIN (VALUES ('client_products'), ('client_unmanaged_products')) AS t (name)
            CROSS JOIN LATERAL (SELECT CASE t.name WHEN 'client_products' THEN o.managed_rule ELSE o.unmanaged_rule END AS rule) AS d
        LOOP
            v_state := NULL;
            v_rule := NULL;
            BEGIN
                IF v_probe.on_table = 'client_products' AND v_probe.sqlstate IS NULL THEN
                    FOR v_check IN
                        SELECT k.conname, pg_get_expr(k.conbin, k.conrelid) AS expression
                        FROM pg_constraint AS k
                        JOIN pg_class AS c ON c.oid = k.conrelid
                        WHERE c.relnamespace = 'public'::regnamespace AND c.relname = 'client_products' AND k.contype = 'c'
                    LOOP
                        EXECUTE format('SELECT %s FROM (SELECT $1::jsonb AS ownership_details) AS client_products', v_check.expression)
                        INTO v_holds USING v_probe.probe;
                        IF v_holds IS FALSE THEN
                            RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation', CONSTRAINT = v_check.conname;
                        END IF;
                    END LOOP;
                ELSE
                    IF v_probe.document IS NOT NULL THEN
                        SELECT string_agg(quote_ident(k.key), ', ') INTO v_columns FROM jsonb_object_keys(v_probe.document) AS k (key);
                        EXECUTE format('INSERT INTO %1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)',
                                       v_probe.on_table, v_columns) USING v_probe.document;
                    END IF;
                    IF v_probe.statement IS NOT NULL THEN
                        EXECUTE v_probe.statement;
                    END IF;
                    SET CONSTRAINTS ALL IMMEDIATE;
                END IF;
                RAISE EXCEPTION 'accepted' USING ERRCODE = 'KS999';
            EXCEPTION WHEN OTHERS THEN
                GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_rule = CONSTRAINT_NAME;
            END;
            v_results := v_results || jsonb_build_object(
                'on_table', v_probe.on_table, 'rule', v_probe.rule, 'probe', v_probe.probe,
                'ok', CASE WHEN v_probe.sqlstate IS NULL THEN v_state = 'KS999'
                           ELSE v_state = v_probe.sqlstate AND v_rule = v_probe.rule END,
                'found', CASE WHEN v_state = 'KS999' THEN 'accepted'
                              ELSE concat_ws(' ', 'refused', v_state, nullif(v_rule, '')) END);
        END LOOP;
        RAISE EXCEPTION 'roll everything back' USING ERRCODE = 'KS999';
    EXCEPTION WHEN SQLSTATE 'KS999' THEN
        NULL;
    END;
    RETURN QUERY
    SELECT r.on_table, r.rule, r.probe, r.ok, r.found
    FROM jsonb_to_recordset(v_results) AS r (on_table text, rule text, probe text, ok boolean, found text);
END
$body$;
COMMENT ON FUNCTION prove_rules() IS
    'tries for real what each rule must refuse and accept, and rolls everything back; one row per probe';

SELECT kingston.give_back_grants('function', 'prove_rules()');

-- function expected_phase_5()
-- What phase 5 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_5()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_5', 'table', '', 'ownership_audit_log'),
    ('phase_5', 'column', 'ownership_audit_log',
     'actor; after; at; before; cause; client_group_id; correlation_id; db_role; id; reason;
      subject_id; subject_table; transaction_id'),
    ('phase_5', 'constraint', 'client_information_items', 'valid_item_data_structure'),
    ('phase_5', 'constraint', 'client_products',
     'product_ownership_has_owners; product_ownership_share_is_number;
      product_ownership_share_not_negative; valid_product_ownership_details;
      valid_product_ownership_details_precise'),
    ('phase_5', 'constraint', 'client_unmanaged_products', 'valid_ownership_percentages_precise'),
    ('phase_5', 'constraint', 'ownership_audit_log',
     'ownership_audit_log_cause_check; ownership_audit_log_pkey; ownership_audit_log_real_change;
      ownership_audit_log_subject_check'),
    ('phase_5', 'trigger', 'client_products',
     'history_delete; history_insert; history_truncate; history_update'),
    ('phase_5', 'trigger', 'ownership_audit_log', 'ownership_audit_log_append_only'),
    ('phase_5', 'trigger', 'row_history', 'audit_products_ownership_changes'),
    ('phase_5', 'function', '',
     'audit_ownership_changes(); expected_phase_5(); ownership_probes(); prove_rules();
      rule_probe_rows(); rule_probes()')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_5', 'ownership_audit_log', 'idx_ownership_audit_client_group',
     'btree (client_group_id, at DESC)'),
    ('phase_5', 'ownership_audit_log', 'idx_ownership_audit_subject',
     'btree (subject_table, subject_id, at DESC)')
) AS i (phase, on_table, name, definition)
UNION ALL
SELECT g.phase, g.kind, g.on_table, g.name, 'dropped'
FROM (VALUES
    ('phase_5', 'constraint', 'client_unmanaged_products', 'valid_ownership_percentages')
) AS g (phase, kind, on_table, name)
$body$;
COMMENT ON FUNCTION expected_phase_5() IS 'objects of phase 5 by name';

SELECT kingston.give_back_grants('function', 'expected_phase_5()');

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
FROM missing_objects('phase_5') AS m
WHERE m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_5', 'objects_present', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce('not validated: ' || string_agg(k.conrelid::regclass || ' ' || k.conname, ', ' ORDER BY k.conname),
                'every constraint of the schema is validated') AS found
FROM pg_constraint AS k
WHERE k.connamespace = 'public'::regnamespace AND NOT k.convalidated
  ) AS q;
  PERFORM kingston.record_gate('phase_5', 'constraints_validated', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) > 0 AND count(*) FILTER (WHERE p.ok IS NOT TRUE) = 0 AS ok,
       count(*) FILTER (WHERE p.ok) || ' of ' || count(*) || ' probes went as they must'
       || coalesce('; not so: ' || string_agg(p.on_table || ' ' || coalesce(p.rule, 'must be accepted') || ' (' || p.found || ')', ', ')
                       FILTER (WHERE p.ok IS NOT TRUE), '') AS found
FROM prove_rules() AS p
  ) AS q;
  PERFORM kingston.record_gate('phase_5', 'rules_proven', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 finding' ELSE count(*) || ' findings' END || ' between links and ownership documents'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r
  ) AS q;
  PERFORM kingston.record_gate('phase_5', 'ownership_reconciled', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT m.median_ms <= 500 AS ok,
       'client_data_retrieval takes ' || m.median_ms || ' ms (p95 ' || m.p95_ms || ', limit 500)' AS found
FROM measure_query('client_data_retrieval', 5) AS m
  ) AS q;
  PERFORM kingston.record_gate('phase_5', 'user_query', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'phase_5', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='phase_5' WHERE alembic_version.version_num = 'phase_5_audit';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_5', '{"outcome": "done", "revision": "phase_5", "detail": "by a script", "files": {"versions/0599_phase_5.py": "SHA-256", "sql/expected_objects/0599.sql": "SHA-256", "sql/expected_phase_5/0599.sql": "SHA-256", "sql/gate_phase_5/0599.sql": "SHA-256", "sql/ownership_probes/0599.sql": "SHA-256", "sql/prove_rules/0599.sql": "SHA-256", "sql/rule_probe_rows/0599.sql": "SHA-256", "sql/rule_probes/0599.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

