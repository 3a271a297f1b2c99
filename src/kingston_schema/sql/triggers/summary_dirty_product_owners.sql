-- triggers summary_dirty_update on product_owners
-- client_ownership_summary shows the names of owners (mark_summary_dirty says how marks work).  A new owner is in
-- no group yet, and a deleted one goes with the links and summary rows that name it.
-- Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON product_owners
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('owner');
