-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_group_product_owners
-- The summaries show who belongs to a client group (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_group_product_owners
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_group_product_owners
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_group_product_owners
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_group_id');
