-- trigger global_action_states_touch on global_action_states
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER global_action_states_touch BEFORE UPDATE ON global_action_states
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
