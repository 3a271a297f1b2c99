SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_1';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_1 -> pre_migration

SELECT kingston.keep_grants('function', 'record_baselines(text)');

DROP FUNCTION IF EXISTS record_baselines(text);

SELECT kingston.keep_grants('function', 'measure_query(text, integer)');

DROP FUNCTION IF EXISTS measure_query(text, integer);

SELECT kingston.keep_grants('function', 'benchmark_queries()');

DROP FUNCTION IF EXISTS benchmark_queries();

SELECT kingston.keep_grants('function', 'plan_shape(jsonb)');

DROP FUNCTION IF EXISTS plan_shape(jsonb);

SELECT kingston.archive_table('performance_baselines');

COMMIT;

BEGIN;

UPDATE alembic_version SET version_num='pre_migration' WHERE alembic_version.version_num = 'phase_1';

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'pre_migration', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'pre_migration';
  END IF;
END $kingston$;

COMMIT;

