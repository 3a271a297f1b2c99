SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade pre_migration -> pre_migration_roles

SELECT kingston.keep_grants('function', 'connection_use()');

DROP FUNCTION IF EXISTS connection_use();

SELECT kingston.keep_grants('function', 'table_has_rows(text)');

DROP FUNCTION IF EXISTS table_has_rows(text);

UPDATE alembic_version SET version_num='pre_migration_roles' WHERE alembic_version.version_num = 'pre_migration';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'pre_migration', '{"outcome": "done", "revision": "pre_migration", "detail": "by a script", "files": {"versions/0019_pre_migration.py": "SHA-256", "sql/connection_use/0019.sql": "SHA-256", "sql/gate_pre_migration/0019.sql": "SHA-256", "sql/table_has_rows/0019.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'pre_migration', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'pre_migration';
  END IF;
END $kingston$;

COMMIT;

