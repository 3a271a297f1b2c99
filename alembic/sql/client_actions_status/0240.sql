-- trigger client_actions_status on client_actions
-- A status changes only along the allowed steps, and completed_at follows (C-026, C-105, erratum E-172).
-- Tests: tests/sql/test_client_actions.py
CREATE OR REPLACE TRIGGER client_actions_status BEFORE UPDATE OF status ON client_actions
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION apply_action_status();
