-- triggers ownership_insert, ownership_update, ownership_delete, ownership_truncate on product_owner_products
-- Links to JSON: after every statement that changed links, ownership_details of the products concerned follows
-- (sync_ownership_from_links).  Statement-level with transition tables, so that deleting an owner of many products
-- is one set-based step; one trigger per event, as transition tables want it.
-- Tests: tests/sql/test_sync_ownership_from_links.py
CREATE OR REPLACE TRIGGER ownership_insert AFTER INSERT ON product_owner_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_update AFTER UPDATE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_delete AFTER DELETE ON product_owner_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
CREATE OR REPLACE TRIGGER ownership_truncate AFTER TRUNCATE ON product_owner_products
    FOR EACH STATEMENT EXECUTE FUNCTION sync_ownership_from_links();
