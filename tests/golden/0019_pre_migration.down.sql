SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade pre_migration -> pre_migration_control

SELECT kingston.keep_grants('function', 'connection_use()');

DROP FUNCTION IF EXISTS connection_use();

SELECT kingston.keep_grants('function', 'table_has_rows(text)');

DROP FUNCTION IF EXISTS table_has_rows(text);

UPDATE alembic_version SET version_num='pre_migration_control' WHERE alembic_version.version_num = 'pre_migration';

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'pre_migration', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'pre_migration';
  END IF;
END $kingston$;

COMMIT;

