-- triggers history_insert, history_update, history_delete, history_truncate on client_groups
-- Row history of client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_groups
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_groups
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_groups
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_groups
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_groups', 'id', 'id', '');
ALTER TABLE client_groups
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
