-- trigger audit_product_owners_changes on row_history
-- Every creation, change and deletion of a product owner or a telephone number in product_owners_audit_log, from the lines
-- that the statement left in the history.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_product_owner_changes.py, tests/sql/test_audit_phone_changes.py
CREATE OR REPLACE TRIGGER audit_product_owners_changes AFTER INSERT ON row_history
    REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_product_owner_changes();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER audit_product_owners_changes;
