-- trigger client_objectives_touch on client_objectives
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_objectives.py
CREATE OR REPLACE TRIGGER client_objectives_touch BEFORE UPDATE ON client_objectives
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
