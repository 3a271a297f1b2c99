-- trigger global_action_states_status on global_action_states
-- A status changes only along the allowed steps, and completed_at follows (C-026, C-105, erratum E-172).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_action_states_status BEFORE UPDATE OF status ON global_action_states
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION apply_action_status();
