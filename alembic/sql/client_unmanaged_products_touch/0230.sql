-- trigger client_unmanaged_products_touch on client_unmanaged_products
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_touch BEFORE UPDATE ON client_unmanaged_products
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
