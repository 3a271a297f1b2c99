-- triggers product_owner_phones_encryption_insert, product_owner_phones_encryption_update on product_owner_phones
-- A number that is written new or changed stands in the form that keys and settings demand (check_phone_encryption).
-- Tests: tests/sql/test_check_phone_encryption.py
CREATE OR REPLACE TRIGGER product_owner_phones_encryption_insert BEFORE INSERT ON product_owner_phones
    FOR EACH ROW EXECUTE FUNCTION check_phone_encryption();
CREATE OR REPLACE TRIGGER product_owner_phones_encryption_update BEFORE UPDATE ON product_owner_phones
    FOR EACH ROW WHEN (NEW.phone_number IS DISTINCT FROM OLD.phone_number
                       OR NEW.phone_number_encrypted IS DISTINCT FROM OLD.phone_number_encrypted)
    EXECUTE FUNCTION check_phone_encryption();
