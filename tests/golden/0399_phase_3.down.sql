SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_3';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_3 -> phase_3_ownership

-- function expected_objects()
-- Everything that must be there at this phase, phase by phase; expected_<phase>() says what each adds.
-- Called by missing_objects.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION expected_objects()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
    SELECT e.* FROM expected_legacy() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_2() AS e
$body$;
COMMENT ON FUNCTION expected_objects() IS 'every object of the portal by name and phase, indexes with their definition';

SELECT kingston.give_back_grants('function', 'expected_objects()');

SELECT kingston.keep_grants('function', 'expected_phase_3()');

DROP FUNCTION IF EXISTS expected_phase_3();

UPDATE alembic_version SET version_num='phase_3_ownership' WHERE alembic_version.version_num = 'phase_3';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_3', '{"outcome": "done", "revision": "phase_3", "detail": "by a script", "files": {"versions/0399_phase_3.py": "SHA-256", "sql/expected_objects/0399.sql": "SHA-256", "sql/expected_phase_3/0399.sql": "SHA-256", "sql/gate_phase_3/0399.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_3', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_3';
  END IF;
END $kingston$;

COMMIT;

