-- trigger audit_product_owners_changes on product_owners
-- Every creation, change and deletion of a product owner in product_owners_audit_log.
-- Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE TRIGGER audit_product_owners_changes AFTER INSERT OR UPDATE OR DELETE ON product_owners
    FOR EACH ROW EXECUTE FUNCTION audit_product_owner_changes();
