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
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_1', '{"outcome": "done", "revision": "phase_1", "detail": "by a script", "files": {"versions/0100_phase_1.py": "SHA-256", "sql/benchmark_queries/0100.sql": "SHA-256", "sql/gate_phase_1/0100.sql": "SHA-256", "sql/measure_query/0100.sql": "SHA-256", "sql/plan_shape/0100.sql": "SHA-256", "sql/record_baselines/0100.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'pre_migration', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'pre_migration';
  END IF;
END $kingston$;

COMMIT;

