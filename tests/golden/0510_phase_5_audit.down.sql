SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_5_audit';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_5_audit -> phase_5_constraints

SELECT kingston.take_locks(ARRAY['client_products']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS history_insert ON client_products;
DROP TRIGGER IF EXISTS history_update ON client_products;
DROP TRIGGER IF EXISTS history_delete ON client_products;
DROP TRIGGER IF EXISTS history_truncate ON client_products;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['row_history']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS audit_products_ownership_changes ON row_history;

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['ownership_audit_log']::text[], 'ACCESS EXCLUSIVE', false);

DROP TRIGGER IF EXISTS ownership_audit_log_append_only ON ownership_audit_log;

SELECT kingston.archive_table('ownership_audit_log');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'audit_ownership_changes()');

DROP FUNCTION IF EXISTS audit_ownership_changes();

UPDATE alembic_version SET version_num='phase_5_constraints' WHERE alembic_version.version_num = 'phase_5_audit';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_5_audit', '{"outcome": "done", "revision": "phase_5_audit", "detail": "by a script", "files": {"versions/0510_phase_5_audit.py": "SHA-256", "sql/audit_ownership_changes/0510.sql": "SHA-256", "sql/audit_products_ownership_changes/0510.sql": "SHA-256", "sql/history_client_products/0510.sql": "SHA-256", "sql/ownership_audit_log_append_only/0510.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_5', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_5';
  END IF;
END $kingston$;

COMMIT;

