SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration_control';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade pre_migration_control -> legacy

SELECT kingston.hold_tables(ARRAY['migration_benchmarks', 'migration_control', 'migration_log', 'rollback_checkpoints']::text[], 'ACCESS EXCLUSIVE', false);

SELECT kingston.archive_table('rollback_checkpoints');

SELECT kingston.archive_table('migration_control');

SELECT kingston.archive_table('migration_benchmarks');

SELECT kingston.archive_table('migration_log');

UPDATE alembic_version SET version_num='legacy' WHERE alembic_version.version_num = 'pre_migration_control';

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'legacy', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'legacy';
  END IF;
END $kingston$;

COMMIT;

