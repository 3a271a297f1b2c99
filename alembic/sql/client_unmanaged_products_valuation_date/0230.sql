-- trigger client_unmanaged_products_valuation_date on client_unmanaged_products
-- No valuation date in the future, looked at when the date is written (erratum E-038).
-- Tests: tests/sql/test_client_unmanaged_products.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_valuation_date
    BEFORE INSERT OR UPDATE OF valuation_date ON client_unmanaged_products
    FOR EACH ROW EXECUTE FUNCTION check_valuation_date();
