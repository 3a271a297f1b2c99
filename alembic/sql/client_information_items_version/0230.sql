-- trigger client_information_items_version on client_information_items
-- version counts the changes of the row, for optimistic locking (C-106).
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER client_information_items_version BEFORE UPDATE ON client_information_items
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION bump_row_version();
