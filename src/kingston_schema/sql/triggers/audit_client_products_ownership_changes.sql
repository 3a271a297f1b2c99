-- trigger audit_client_products_ownership_changes on client_products
-- Changes of ownership of managed products, written or followed from the links.  The condition is looked at before
-- anything is queued: a statement that leaves ownership alone pays nothing.
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER audit_client_products_ownership_changes AFTER UPDATE ON client_products
    FOR EACH ROW
    WHEN (NEW.ownership_details IS DISTINCT FROM OLD.ownership_details)
    EXECUTE FUNCTION audit_ownership_changes('client_products', 'client_id');
