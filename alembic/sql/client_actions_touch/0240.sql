-- trigger client_actions_touch on client_actions
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_actions.py
CREATE OR REPLACE TRIGGER client_actions_touch BEFORE UPDATE ON client_actions
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
