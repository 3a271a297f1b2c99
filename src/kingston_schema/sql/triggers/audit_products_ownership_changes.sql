-- trigger audit_products_ownership_changes on row_history
-- Changes of ownership of managed and unmanaged products in ownership_audit_log, written or followed from the links.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER audit_products_ownership_changes AFTER INSERT ON row_history
    REFERENCING NEW TABLE AS lines
    FOR EACH STATEMENT EXECUTE FUNCTION audit_ownership_changes();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER audit_products_ownership_changes;
