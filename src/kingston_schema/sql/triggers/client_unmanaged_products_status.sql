-- trigger client_unmanaged_products_status on client_unmanaged_products
-- A status changes only along the allowed steps (C-105); a new row may start with any status.
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_status BEFORE UPDATE OF status ON client_unmanaged_products
    FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION check_unmanaged_product_status();
