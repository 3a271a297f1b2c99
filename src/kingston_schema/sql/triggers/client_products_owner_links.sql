-- triggers owner_links_insert, owner_links_update on client_products
-- JSON to links: whoever writes ownership_details changes the links with it (sync_links_from_ownership).  Only a
-- statement that names the column can fire them, and only for rows where the value changed; new products of the
-- Phase 1 application carry the default and pass.  So its statements pay nothing.
-- Created after the fill: ALTER TYPE, with which a small table is filled, is refused while they stand.
-- Tests: tests/sql/test_sync_links_from_ownership.py
CREATE OR REPLACE TRIGGER owner_links_insert AFTER INSERT ON client_products
    FOR EACH ROW
    WHEN (NEW.ownership_details <> '{"association_type": "individual", "note": "no_previous_ownership"}')
    EXECUTE FUNCTION sync_links_from_ownership();
CREATE OR REPLACE TRIGGER owner_links_update AFTER UPDATE OF ownership_details ON client_products
    FOR EACH ROW
    WHEN (NEW.ownership_details IS DISTINCT FROM OLD.ownership_details)
    EXECUTE FUNCTION sync_links_from_ownership();
