-- triggers product_owner_phones_touch_insert, product_owner_phones_touch_update on product_owner_phones
-- Time and author of the last change of a telephone number (errata E-201, E-202).
-- Tests: tests/sql/test_product_owner_phones.py
CREATE OR REPLACE TRIGGER product_owner_phones_touch_insert BEFORE INSERT ON product_owner_phones
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_updated_at('updated_by');
CREATE OR REPLACE TRIGGER product_owner_phones_touch_update BEFORE UPDATE ON product_owner_phones
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at('updated_by');
