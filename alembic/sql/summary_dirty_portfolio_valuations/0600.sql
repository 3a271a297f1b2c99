-- triggers summary_dirty_insert, summary_dirty_update, summary_dirty_delete on portfolio_valuations
-- The summaries show the value of every product of the portfolio (mark_summary_dirty says how marks work).
-- Statement-level with transition tables: one trigger per event.  Tests: tests/sql/test_mark_summary_dirty.py
CREATE OR REPLACE TRIGGER summary_dirty_insert AFTER INSERT ON portfolio_valuations
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');
CREATE OR REPLACE TRIGGER summary_dirty_update AFTER UPDATE ON portfolio_valuations
    REFERENCING NEW TABLE AS changed OLD TABLE AS changed_before
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');
CREATE OR REPLACE TRIGGER summary_dirty_delete AFTER DELETE ON portfolio_valuations
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mark_summary_dirty('portfolio');
