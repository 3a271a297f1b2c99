SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2 -> phase_2_field_encryption

SELECT kingston.keep_grants('function', 'missing_objects(text)');

DROP FUNCTION IF EXISTS missing_objects(text);

SELECT kingston.keep_grants('function', 'expected_objects()');

DROP FUNCTION IF EXISTS expected_objects();

SELECT kingston.keep_grants('function', 'expected_phase_2()');

DROP FUNCTION IF EXISTS expected_phase_2();

SELECT kingston.keep_grants('function', 'expected_legacy()');

DROP FUNCTION IF EXISTS expected_legacy();

UPDATE alembic_version SET version_num='phase_2_field_encryption' WHERE alembic_version.version_num = 'phase_2';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2', '{"outcome": "done", "revision": "phase_2", "detail": "by a script", "files": {"versions/0299_phase_2.py": "SHA-256", "sql/expected_legacy/0299.sql": "SHA-256", "sql/expected_objects/0299.sql": "SHA-256", "sql/expected_phase_2/0299.sql": "SHA-256", "sql/gate_phase_2/0299.sql": "SHA-256", "sql/missing_objects/0299.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

