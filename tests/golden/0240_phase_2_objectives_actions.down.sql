SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_2_objectives_actions';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade phase_2_objectives_actions -> phase_2_client_information

SELECT kingston.take_locks(ARRAY['client_unmanaged_products']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS client_unmanaged_products_switch ON client_unmanaged_products;

COMMIT;

BEGIN;

SELECT kingston.take_locks(ARRAY['client_information_items']::text[], 'ACCESS EXCLUSIVE');

DROP TRIGGER IF EXISTS client_information_items_switch ON client_information_items;

COMMIT;

BEGIN;

SELECT kingston.keep_grants('view', 'global_action_status');

SELECT kingston.drop_view('global_action_status');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'set_global_action_status(bigint, bigint, text, bigint)');

DROP FUNCTION IF EXISTS set_global_action_status(bigint, bigint, text, bigint);

SELECT kingston.hold_tables(ARRAY['global_action_states']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS global_action_states_status ON global_action_states;

DROP TRIGGER IF EXISTS global_action_states_touch ON global_action_states;

DROP TRIGGER IF EXISTS history_insert ON global_action_states;
DROP TRIGGER IF EXISTS history_update ON global_action_states;
DROP TRIGGER IF EXISTS history_delete ON global_action_states;
DROP TRIGGER IF EXISTS history_truncate ON global_action_states;

SELECT kingston.archive_table('global_action_states');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['global_actions']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS global_actions_switch ON global_actions;

DROP TRIGGER IF EXISTS global_actions_touch ON global_actions;

DROP TRIGGER IF EXISTS history_insert ON global_actions;
DROP TRIGGER IF EXISTS history_update ON global_actions;
DROP TRIGGER IF EXISTS history_delete ON global_actions;
DROP TRIGGER IF EXISTS history_truncate ON global_actions;

SELECT kingston.archive_table('global_actions');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_actions']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS client_actions_switch ON client_actions;

DROP TRIGGER IF EXISTS client_actions_status ON client_actions;

DROP TRIGGER IF EXISTS client_actions_touch ON client_actions;

DROP TRIGGER IF EXISTS history_insert ON client_actions;
DROP TRIGGER IF EXISTS history_update ON client_actions;
DROP TRIGGER IF EXISTS history_delete ON client_actions;
DROP TRIGGER IF EXISTS history_truncate ON client_actions;

SELECT kingston.archive_table('client_actions');

COMMIT;

BEGIN;

SELECT kingston.hold_tables(ARRAY['client_objectives']::text[], 'ACCESS EXCLUSIVE', true);

DROP TRIGGER IF EXISTS client_objectives_switch ON client_objectives;

DROP TRIGGER IF EXISTS client_objectives_touch ON client_objectives;

DROP TRIGGER IF EXISTS history_insert ON client_objectives;
DROP TRIGGER IF EXISTS history_update ON client_objectives;
DROP TRIGGER IF EXISTS history_delete ON client_objectives;
DROP TRIGGER IF EXISTS history_truncate ON client_objectives;

SELECT kingston.archive_table('client_objectives');

COMMIT;

BEGIN;

SELECT kingston.keep_grants('function', 'refuse_when_off()');

DROP FUNCTION IF EXISTS refuse_when_off();

SELECT kingston.keep_grants('function', 'refuse_global_actions_when_off()');

DROP FUNCTION IF EXISTS refuse_global_actions_when_off();

SELECT kingston.keep_grants('function', 'feature_enabled(text)');

DROP FUNCTION IF EXISTS feature_enabled(text);

SELECT kingston.keep_grants('function', 'apply_action_status()');

DROP FUNCTION IF EXISTS apply_action_status();

SELECT kingston.keep_grants('function', 'validate_action_state_transition(text, text)');

DROP FUNCTION IF EXISTS validate_action_state_transition(text, text);

UPDATE alembic_version SET version_num='phase_2_client_information' WHERE alembic_version.version_num = 'phase_2_objectives_actions';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'phase_2_objectives_actions', '{"outcome": "done", "revision": "phase_2_objectives_actions", "detail": "by a script", "files": {"versions/0240_phase_2_objectives_actions.py": "SHA-256", "sql/apply_action_status/0240.sql": "SHA-256", "sql/client_actions_status/0240.sql": "SHA-256", "sql/client_actions_switch/0240.sql": "SHA-256", "sql/client_actions_touch/0240.sql": "SHA-256", "sql/client_information_items_switch/0240.sql": "SHA-256", "sql/client_objectives_switch/0240.sql": "SHA-256", "sql/client_objectives_touch/0240.sql": "SHA-256", "sql/client_unmanaged_products_switch/0240.sql": "SHA-256", "sql/feature_enabled/0240.sql": "SHA-256", "sql/global_action_states_status/0240.sql": "SHA-256", "sql/global_action_states_touch/0240.sql": "SHA-256", "sql/global_action_status/0240.sql": "SHA-256", "sql/global_actions_switch/0240.sql": "SHA-256", "sql/global_actions_touch/0240.sql": "SHA-256", "sql/history_client_actions/0240.sql": "SHA-256", "sql/history_client_objectives/0240.sql": "SHA-256", "sql/history_global_action_states/0240.sql": "SHA-256", "sql/history_global_actions/0240.sql": "SHA-256", "sql/refuse_global_actions_when_off/0240.sql": "SHA-256", "sql/refuse_when_off/0240.sql": "SHA-256", "sql/set_global_action_status/0240.sql": "SHA-256", "sql/validate_action_state_transition/0240.sql": "SHA-256"}}');
  END IF;
END $kingston$;

DO $kingston$ BEGIN
  IF to_regclass('public.migration_control') IS NOT NULL THEN
    UPDATE public.migration_control SET value = 'phase_2', updated_at = clock_timestamp()
      WHERE setting = 'current_phase' AND value <> 'phase_2';
  END IF;
END $kingston$;

COMMIT;

