-- triggers history_insert, history_update, history_delete, history_truncate on client_group_product_owners
-- Row history of memberships in client groups: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_group_product_owners
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_group_product_owners
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_group_product_owners
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_group_product_owners
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_group_product_owners', 'id', 'client_group_id', '');
ALTER TABLE client_group_product_owners
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
