-- trigger audit_unmanaged_products_ownership_changes on client_unmanaged_products
-- Changes of ownership of unmanaged products, under their own table name and id (E-109).
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER audit_unmanaged_products_ownership_changes AFTER UPDATE ON client_unmanaged_products
    FOR EACH ROW
    WHEN (NEW.ownership_details IS DISTINCT FROM OLD.ownership_details)
    EXECUTE FUNCTION audit_ownership_changes('client_unmanaged_products', 'client_group_id');
