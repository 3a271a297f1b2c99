SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_audit';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_audit -> phase_2_owner_phones

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON product_owners;
DROP TRIGGER IF EXISTS history_update ON product_owners;
DROP TRIGGER IF EXISTS history_delete ON product_owners;
DROP TRIGGER IF EXISTS history_truncate ON product_owners;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_products']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON product_owner_products;
DROP TRIGGER IF EXISTS history_update ON product_owner_products;
DROP TRIGGER IF EXISTS history_delete ON product_owner_products;
DROP TRIGGER IF EXISTS history_truncate ON product_owner_products;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owner_phones']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON product_owner_phones;
DROP TRIGGER IF EXISTS history_update ON product_owner_phones;
DROP TRIGGER IF EXISTS history_delete ON product_owner_phones;
DROP TRIGGER IF EXISTS history_truncate ON product_owner_phones;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_groups']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON client_groups;
DROP TRIGGER IF EXISTS history_update ON client_groups;
DROP TRIGGER IF EXISTS history_delete ON client_groups;
DROP TRIGGER IF EXISTS history_truncate ON client_groups;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_group_product_owners']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON client_group_product_owners;
DROP TRIGGER IF EXISTS history_update ON client_group_product_owners;
DROP TRIGGER IF EXISTS history_delete ON client_group_product_owners;
DROP TRIGGER IF EXISTS history_truncate ON client_group_product_owners;

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'client_group_last_change');

SELECT kingston.drop_view('client_group_last_change');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['row_history']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS audit_product_owners_changes ON row_history;

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['product_owners_audit_log']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS product_owners_audit_log_append_only ON product_owners_audit_log;

SELECT kingston.archive_table('product_owners_audit_log');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['row_history']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS row_history_append_only ON row_history;

SELECT kingston.archive_table('row_history');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'refuse_rewrite()');

DROP FUNCTION IF EXISTS refuse_rewrite();

SELECT kingston.keep_grants('function', 'audit_product_owner_changes()');

DROP FUNCTION IF EXISTS audit_product_owner_changes();

SELECT kingston.keep_grants('function', 'value_state(jsonb)');

DROP FUNCTION IF EXISTS value_state(jsonb);

SELECT kingston.keep_grants('function', 'client_address()');

DROP FUNCTION IF EXISTS client_address();

SELECT kingston.keep_grants('function', 'last_change(text, bigint)');

DROP FUNCTION IF EXISTS last_change(text, bigint);

SELECT kingston.keep_grants('function', 'record_row_history()');

DROP FUNCTION IF EXISTS record_row_history();

SELECT kingston.keep_grants('function', 'redacted_value(jsonb)');

DROP FUNCTION IF EXISTS redacted_value(jsonb);

SELECT kingston.keep_grants('function', 'is_field_envelope(text)');

DROP FUNCTION IF EXISTS is_field_envelope(text);

UPDATE alembic_version SET version_num='phase_2_owner_phones' WHERE alembic_version.version_num = 'phase_2_audit';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_audit', '{"outcome": "done", "revision": "phase_2_audit", "detail": "by a script", "files": {"versions/0220_phase_2_audit.py": "SHA-256", "sql/audit_product_owner_changes/0220.sql": "SHA-256", "sql/audit_product_owners_changes/0220.sql": "SHA-256", "sql/client_address/0220.sql": "SHA-256", "sql/client_group_last_change/0220.sql": "SHA-256", "sql/history_client_group_product_owners/0220.sql": "SHA-256", "sql/history_client_groups/0220.sql": "SHA-256", "sql/history_product_owner_phones/0220.sql": "SHA-256", "sql/history_product_owner_products/0220.sql": "SHA-256", "sql/history_product_owners/0220.sql": "SHA-256", "sql/is_field_envelope/0220.sql": "SHA-256", "sql/last_change/0220.sql": "SHA-256", "sql/product_owners_audit_log_append_only/0220.sql": "SHA-256", "sql/record_row_history/0220.sql": "SHA-256", "sql/redacted_value/0220.sql": "SHA-256", "sql/refuse_rewrite/0220.sql": "SHA-256", "sql/row_history_append_only/0220.sql": "SHA-256", "sql/row_history_seal/0220.sql": "SHA-256", "sql/value_state/0220.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

