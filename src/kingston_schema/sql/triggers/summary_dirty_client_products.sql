-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on client_products
-- The summaries show products of a client group, their ownership included (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON client_products
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON client_products
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON client_products
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('client_id');
