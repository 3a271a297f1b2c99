-- function refuse_global_actions_when_off()
-- No new global action while migration_control says global_actions_enabled = false; the existing ones go on.
-- C-032, erratum E-171 (the documents name the switch, and nothing read it).
-- Called by the trigger global_actions_switch.
-- Refusal: SQLSTATE 55000.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION refuse_global_actions_when_off() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF NOT feature_enabled('global_actions_enabled') THEN
        RAISE EXCEPTION 'no new global action: they are switched off (global_actions_enabled in migration_control)'
            USING ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = 'UPDATE migration_control SET value = ''true'' WHERE setting = ''global_actions_enabled''';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION refuse_global_actions_when_off() IS
    'trigger: refuses new global actions while global_actions_enabled is false';
REVOKE ALL ON FUNCTION refuse_global_actions_when_off() FROM PUBLIC;
