SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_owner_phones';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_owner_phones -> phase_2_product_owners

SELECT kingston.hold_tables(ARRAY['product_owner_phones']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS product_owner_phones_touch_insert ON product_owner_phones;
DROP TRIGGER IF EXISTS product_owner_phones_touch_update ON product_owner_phones;

SELECT kingston.archive_table('product_owner_phones');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('procedure', 'kingston.migrate_owner_phones()');

DROP PROCEDURE IF EXISTS kingston.migrate_owner_phones();

SELECT kingston.keep_grants('function', 'kingston.migrate_phone_batch()');

DROP FUNCTION IF EXISTS kingston.migrate_phone_batch();

SELECT kingston.keep_grants('function', 'kingston.phone_key(text, text)');

DROP FUNCTION IF EXISTS kingston.phone_key(text, text);

SELECT kingston.keep_grants('function', 'parse_phone_numbers(text)');

DROP FUNCTION IF EXISTS parse_phone_numbers(text);

SELECT kingston.keep_grants('function', 'validate_phone_number(text)');

DROP FUNCTION IF EXISTS validate_phone_number(text);

SELECT kingston.archive_table('product_owner_phone_sources');

COMMIT;

BEGIN;

SELECT kingston.archive_table('product_owner_phone_rejects');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='phase_2_product_owners' WHERE alembic_version.version_num = 'phase_2_owner_phones';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_owner_phones', '{"outcome": "done", "revision": "phase_2_owner_phones", "detail": "by a script", "files": {"versions/0210_phase_2_owner_phones.py": "SHA-256", "sql/migrate_owner_phones/0210.sql": "SHA-256", "sql/migrate_phone_batch/0210.sql": "SHA-256", "sql/parse_phone_numbers/0210.sql": "SHA-256", "sql/phone_key/0210.sql": "SHA-256", "sql/product_owner_phones_touch/0210.sql": "SHA-256", "sql/validate_phone_number/0210.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

