-- trigger client_information_items_touch on client_information_items
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER client_information_items_touch BEFORE UPDATE ON client_information_items
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
