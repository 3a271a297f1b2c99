SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_field_encryption';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_field_encryption -> phase_2_liquidity

SELECT kingston.keep_grants('view', 'sensitive_field_status');

SELECT kingston.drop_view('sensitive_field_status');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'product_owner_phones_secure');

SELECT kingston.drop_view('product_owner_phones_secure');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'client_groups_secure');

SELECT kingston.drop_view('client_groups_secure');

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['product_owners']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS product_owners_sensitive_insert ON product_owners;
DROP TRIGGER IF EXISTS product_owners_sensitive_update ON product_owners;

COMMIT;

BEGIN;

SELECT kingston.keep_grants('procedure', 'kingston.settle_phone_ciphertexts()');

DROP PROCEDURE IF EXISTS kingston.settle_phone_ciphertexts();

COMMIT;

CALL kingston.copy_columns('product_owner_phones', ARRAY['phone_number_encrypted', 'phone_number_index']::text[]);

BEGIN;

SELECT kingston.hold_tables(ARRAY['product_owner_phones']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS product_owner_phones_encryption_insert ON product_owner_phones;
DROP TRIGGER IF EXISTS product_owner_phones_encryption_update ON product_owner_phones;

SELECT kingston.archive_columns('product_owner_phones', ARRAY['phone_number_encrypted', 'phone_number_index']::text[]);

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_group_secrets']::text[], 'ACCESS EXCLUSIVE');

ALTER TABLE IF EXISTS client_group_secrets DROP CONSTRAINT IF EXISTS chk_secrets_are_whole_envelopes;

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_group_secrets']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS client_group_secrets_sensitive ON client_group_secrets;

DROP TRIGGER IF EXISTS client_group_secrets_touch_insert ON client_group_secrets;
DROP TRIGGER IF EXISTS client_group_secrets_touch_update ON client_group_secrets;

DROP TRIGGER IF EXISTS history_insert ON client_group_secrets;
DROP TRIGGER IF EXISTS history_update ON client_group_secrets;
DROP TRIGGER IF EXISTS history_delete ON client_group_secrets;
DROP TRIGGER IF EXISTS history_truncate ON client_group_secrets;

SELECT kingston.archive_table('client_group_secrets');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['encryption_audit_log']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS encryption_audit_log_append_only ON encryption_audit_log;

SELECT kingston.archive_table('encryption_audit_log');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['encryption_keys']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS history_insert ON encryption_keys;
DROP TRIGGER IF EXISTS history_update ON encryption_keys;
DROP TRIGGER IF EXISTS history_delete ON encryption_keys;
DROP TRIGGER IF EXISTS history_truncate ON encryption_keys;

SELECT kingston.archive_table('encryption_keys');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'check_phone_encryption()');

DROP FUNCTION IF EXISTS check_phone_encryption();

SELECT kingston.keep_grants('function', 'require_envelope()');

DROP FUNCTION IF EXISTS require_envelope();

SELECT kingston.keep_grants('function', 'mask_sensitive_text(text)');

DROP FUNCTION IF EXISTS mask_sensitive_text(text);

SELECT kingston.keep_grants('function', 'mask_phone_number(text)');

DROP FUNCTION IF EXISTS mask_phone_number(text);

UPDATE alembic_version SET version_num='phase_2_liquidity' WHERE alembic_version.version_num = 'phase_2_field_encryption';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_field_encryption', '{"outcome": "done", "revision": "phase_2_field_encryption", "detail": "by a script", "files": {"versions/0270_phase_2_field_encryption.py": "SHA-256", "sql/check_phone_encryption/0270.sql": "SHA-256", "sql/client_group_secrets_sensitive/0270.sql": "SHA-256", "sql/client_group_secrets_touch/0270.sql": "SHA-256", "sql/client_groups_secure/0270.sql": "SHA-256", "sql/encryption_audit_log_append_only/0270.sql": "SHA-256", "sql/history_client_group_secrets/0270.sql": "SHA-256", "sql/history_encryption_keys/0270.sql": "SHA-256", "sql/mask_phone_number/0270.sql": "SHA-256", "sql/mask_sensitive_text/0270.sql": "SHA-256", "sql/product_owner_phones_encryption/0270.sql": "SHA-256", "sql/product_owner_phones_secure/0270.sql": "SHA-256", "sql/product_owners_sensitive/0270.sql": "SHA-256", "sql/require_envelope/0270.sql": "SHA-256", "sql/sensitive_field_status/0270.sql": "SHA-256", "sql/settle_phone_ciphertexts/0270.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

