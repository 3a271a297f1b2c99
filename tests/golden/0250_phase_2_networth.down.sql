SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_networth';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_networth -> phase_2_objectives_actions

SELECT kingston.keep_grants('function', 'make_networth_statement(bigint, bigint, character varying)');

DROP FUNCTION IF EXISTS make_networth_statement(bigint, bigint, character varying);

SELECT kingston.keep_grants('view', 'networth_parts');

SELECT kingston.drop_view('networth_parts');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['networth_statements']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS history_insert ON networth_statements;
DROP TRIGGER IF EXISTS history_update ON networth_statements;
DROP TRIGGER IF EXISTS history_delete ON networth_statements;
DROP TRIGGER IF EXISTS history_truncate ON networth_statements;

DROP TRIGGER IF EXISTS guard_rows ON networth_statements;
DROP TRIGGER IF EXISTS guard_truncate ON networth_statements;

SELECT kingston.archive_table('networth_statements');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'guard_networth_statement()');

DROP FUNCTION IF EXISTS guard_networth_statement();

SELECT kingston.keep_grants('function', 'is_liability_item(text, jsonb)');

DROP FUNCTION IF EXISTS is_liability_item(text, jsonb);

SELECT kingston.keep_grants('function', 'client_item_amount(jsonb)');

DROP FUNCTION IF EXISTS client_item_amount(jsonb);

UPDATE alembic_version SET version_num='phase_2_objectives_actions' WHERE alembic_version.version_num = 'phase_2_networth';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_networth', '{"outcome": "done", "revision": "phase_2_networth", "detail": "by a script", "files": {"versions/0250_phase_2_networth.py": "SHA-256", "sql/client_item_amount/0250.sql": "SHA-256", "sql/guard_networth_statement/0250.sql": "SHA-256", "sql/guard_networth_statements/0250.sql": "SHA-256", "sql/history_networth_statements/0250.sql": "SHA-256", "sql/is_liability_item/0250.sql": "SHA-256", "sql/make_networth_statement/0250.sql": "SHA-256", "sql/networth_parts/0250.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

