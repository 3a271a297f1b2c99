-- function validate_action_state_transition(text, text)
-- May an action go from one status to another?  (Errata E-172; C-075, C-105)
--   outstanding -> completed, cancelled;   completed -> outstanding (reopened);   cancelled -> outstanding
-- Staying where one is, is no transition.  Unknown words and NULL: false, never an error.
-- Called by apply_action_status() for client actions and for the states of global actions, and by applications.
-- No SET search_path: operators of pg_catalog only.
-- Tests: tests/sql/test_validate_action_state_transition.py
CREATE OR REPLACE FUNCTION validate_action_state_transition(p_from text, p_to text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE p_from
    WHEN 'outstanding' THEN p_to IN ('completed', 'cancelled')
    WHEN 'completed' THEN p_to = 'outstanding'
    WHEN 'cancelled' THEN p_to = 'outstanding'
END, false);

COMMENT ON FUNCTION validate_action_state_transition(text, text) IS
    'true when an action may go from the first status to the second';
