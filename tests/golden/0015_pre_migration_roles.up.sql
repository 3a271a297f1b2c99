SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'pre_migration_roles';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade pre_migration_control -> pre_migration_roles

SELECT kingston.make_roles();

UPDATE alembic_version SET version_num='pre_migration_roles' WHERE alembic_version.version_num = 'pre_migration_control';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'pre_migration_roles', '{"outcome": "done", "revision": "pre_migration_roles", "detail": "by a script", "files": {"versions/0015_pre_migration_roles.py": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

