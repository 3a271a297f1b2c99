-- function apply_action_status()
-- Keeps a change of status of an action honest: only the steps of validate_action_state_transition(), and
-- completed_at follows: set to now when an action is completed without a time, cleared when it is reopened.
-- A time the statement itself gives stays as given, so the rule completed_status_logic can judge it; so does a new
-- row, which has to say when it was completed.  A word outside the list of statuses is left to the list's own rule.
-- Called by the triggers client_actions_status and global_action_states_status (only when the status changes).
-- Refusal: SQLSTATE 23514, constraint valid_action_transition.
-- Tests: tests/sql/test_client_actions.py, tests/sql/test_global_actions.py
CREATE OR REPLACE FUNCTION apply_action_status() RETURNS trigger
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF NEW.status IN ('outstanding', 'completed', 'cancelled')
       AND NOT validate_action_state_transition(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'row % of % cannot go from % to %', OLD.id, TG_TABLE_NAME, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, COLUMN = 'status',
                  CONSTRAINT = 'valid_action_transition',
                  HINT = 'reopen it first: set the status to outstanding';
    END IF;
    IF NEW.status = 'completed' THEN
        NEW.completed_at := coalesce(NEW.completed_at, now());
    ELSIF NEW.completed_at IS NOT DISTINCT FROM OLD.completed_at THEN
        NEW.completed_at := NULL;
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION apply_action_status() IS
    'trigger: only allowed steps of an action''s status; completed_at is set on completion and cleared on reopening';
REVOKE ALL ON FUNCTION apply_action_status() FROM PUBLIC;
