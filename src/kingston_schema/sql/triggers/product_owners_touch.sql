-- triggers product_owners_touch_insert, product_owners_touch_update on product_owners
-- Time and author of the last change.  *<> compares the stored images, so that it works whatever further columns a
-- portal has (IS DISTINCT FROM fails on json), and an UPDATE that changes nothing touches nothing (erratum E-201).
-- Tests: tests/sql/test_touch_product_owner.py
CREATE OR REPLACE TRIGGER product_owners_touch_insert BEFORE INSERT ON product_owners
    FOR EACH ROW WHEN (NEW.updated_by IS NULL) EXECUTE FUNCTION touch_product_owner();
CREATE OR REPLACE TRIGGER product_owners_touch_update BEFORE UPDATE ON product_owners
    FOR EACH ROW WHEN (OLD.* *<> NEW.*) EXECUTE FUNCTION touch_product_owner();
