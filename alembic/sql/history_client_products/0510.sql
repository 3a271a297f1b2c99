-- triggers history_insert, history_update, history_delete, history_truncate on client_products
-- Row history of managed products: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/revisions/test_phase_5_audit.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON client_products
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON client_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON client_products
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON client_products
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('client_products', 'id', 'client_id', '');
ALTER TABLE client_products
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
