-- triggers history_insert, history_update, history_delete, history_truncate on client_information_items
-- Row history of information items: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_client_information_items.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_information_items
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_information_items
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_information_items
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_information_items
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_information_items', 'id', 'client_group_id', '');
ALTER TABLE client_information_items
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
