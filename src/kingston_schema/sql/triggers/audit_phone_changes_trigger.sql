-- trigger audit_phone_changes on product_owner_phones
-- Every creation, change and deletion of a telephone number in product_owners_audit_log, under its owner.
-- (The file has a name of its own because the function is called like the trigger.)
-- Tests: tests/sql/test_audit_phone_changes.py
CREATE OR REPLACE TRIGGER audit_phone_changes AFTER INSERT OR UPDATE OR DELETE ON product_owner_phones
    FOR EACH ROW EXECUTE FUNCTION audit_phone_changes();
