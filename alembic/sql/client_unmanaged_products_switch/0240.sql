-- trigger client_unmanaged_products_switch on client_unmanaged_products
-- No new unmanaged product while unmanaged_products_enabled is false in migration_control (C-099, level 1).
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE TRIGGER client_unmanaged_products_switch BEFORE INSERT ON client_unmanaged_products
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_when_off('unmanaged_products_enabled');
