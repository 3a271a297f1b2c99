-- triggers history_insert, history_update, history_delete, history_truncate on encryption_keys
-- Row history of key versions: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON encryption_keys
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON encryption_keys
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON encryption_keys
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON encryption_keys
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('encryption_keys', 'id', '', '');
ALTER TABLE encryption_keys
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
