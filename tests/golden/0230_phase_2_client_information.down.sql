SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_client_information';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_client_information -> phase_2_audit

SELECT kingston.hold_tables(ARRAY['client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS history_insert ON client_unmanaged_products;
DROP TRIGGER IF EXISTS history_update ON client_unmanaged_products;
DROP TRIGGER IF EXISTS history_delete ON client_unmanaged_products;
DROP TRIGGER IF EXISTS history_truncate ON client_unmanaged_products;

DROP TRIGGER IF EXISTS client_unmanaged_products_valuation_date ON client_unmanaged_products;

DROP TRIGGER IF EXISTS client_unmanaged_products_status ON client_unmanaged_products;

DROP TRIGGER IF EXISTS client_unmanaged_products_touch ON client_unmanaged_products;

ALTER TABLE IF EXISTS client_unmanaged_products DROP CONSTRAINT IF EXISTS valid_ownership_percentages, DROP CONSTRAINT IF EXISTS valid_ownership_details;

SELECT kingston.archive_table('client_unmanaged_products');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_information_items']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS history_insert ON client_information_items;
DROP TRIGGER IF EXISTS history_update ON client_information_items;
DROP TRIGGER IF EXISTS history_delete ON client_information_items;
DROP TRIGGER IF EXISTS history_truncate ON client_information_items;

DROP TRIGGER IF EXISTS client_information_items_version ON client_information_items;

DROP TRIGGER IF EXISTS client_information_items_touch ON client_information_items;

ALTER TABLE IF EXISTS client_information_items DROP CONSTRAINT IF EXISTS valid_item_ownership_percentages, DROP CONSTRAINT IF EXISTS valid_product_owner_field_pattern, DROP CONSTRAINT IF EXISTS valid_data_content;

SELECT kingston.archive_table('client_information_items');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'bump_row_version()');

DROP FUNCTION IF EXISTS bump_row_version();

SELECT kingston.keep_grants('function', 'check_valuation_date()');

DROP FUNCTION IF EXISTS check_valuation_date();

SELECT kingston.keep_grants('function', 'check_unmanaged_product_status()');

DROP FUNCTION IF EXISTS check_unmanaged_product_status();

SELECT kingston.keep_grants('function', 'validate_unmanaged_product_transition(text, text)');

DROP FUNCTION IF EXISTS validate_unmanaged_product_transition(text, text);

SELECT kingston.keep_grants('function', 'validate_client_item_data(text, jsonb)');

DROP FUNCTION IF EXISTS validate_client_item_data(text, jsonb);

SELECT kingston.keep_grants('function', 'explain_client_item_data(text, jsonb)');

DROP FUNCTION IF EXISTS explain_client_item_data(text, jsonb);

SELECT kingston.keep_grants('function', 'is_json_amount(jsonb)');

DROP FUNCTION IF EXISTS is_json_amount(jsonb);

SELECT kingston.keep_grants('function', 'validate_product_owner_fields(character varying, jsonb)');

DROP FUNCTION IF EXISTS validate_product_owner_fields(character varying, jsonb);

SELECT kingston.keep_grants('function', 'explain_product_owner_fields(character varying, jsonb)');

DROP FUNCTION IF EXISTS explain_product_owner_fields(character varying, jsonb);

SELECT kingston.keep_grants('function', 'jsonb_key_count(jsonb)');

DROP FUNCTION IF EXISTS jsonb_key_count(jsonb);

SELECT kingston.keep_grants('function', 'validate_ownership_percentages(jsonb)');

DROP FUNCTION IF EXISTS validate_ownership_percentages(jsonb);

SELECT kingston.keep_grants('function', 'validate_ownership_shares(jsonb, boolean)');

DROP FUNCTION IF EXISTS validate_ownership_shares(jsonb, boolean);

SELECT kingston.keep_grants('function', 'validate_ownership_details(jsonb)');

DROP FUNCTION IF EXISTS validate_ownership_details(jsonb);

UPDATE alembic_version SET version_num='phase_2_audit' WHERE alembic_version.version_num = 'phase_2_client_information';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_client_information', '{"outcome": "done", "revision": "phase_2_client_information", "detail": "by a script", "files": {"versions/0230_phase_2_client_information.py": "SHA-256", "sql/bump_row_version/0230.sql": "SHA-256", "sql/check_unmanaged_product_status/0230.sql": "SHA-256", "sql/check_valuation_date/0230.sql": "SHA-256", "sql/client_information_items_touch/0230.sql": "SHA-256", "sql/client_information_items_version/0230.sql": "SHA-256", "sql/client_unmanaged_products_status/0230.sql": "SHA-256", "sql/client_unmanaged_products_touch/0230.sql": "SHA-256", "sql/client_unmanaged_products_valuation_date/0230.sql": "SHA-256", "sql/explain_client_item_data/0230.sql": "SHA-256", "sql/explain_product_owner_fields/0230.sql": "SHA-256", "sql/history_client_information_items/0230.sql": "SHA-256", "sql/history_client_unmanaged_products/0230.sql": "SHA-256", "sql/is_json_amount/0230.sql": "SHA-256", "sql/jsonb_key_count/0230.sql": "SHA-256", "sql/validate_client_item_data/0230.sql": "SHA-256", "sql/validate_ownership_details/0230.sql": "SHA-256", "sql/validate_ownership_percentages/0230.sql": "SHA-256", "sql/validate_ownership_shares/0230.sql": "SHA-256", "sql/validate_product_owner_fields/0230.sql": "SHA-256", "sql/validate_unmanaged_product_transition/0230.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

