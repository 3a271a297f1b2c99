-- triggers history_insert, history_update, history_delete, history_truncate on global_actions
-- Row history of global actions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_global_actions.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON global_actions
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON global_actions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON global_actions
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON global_actions
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('global_actions', 'id', '', '');
ALTER TABLE global_actions
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
