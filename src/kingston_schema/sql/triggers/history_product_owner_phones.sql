-- triggers history_insert, history_update, history_delete, history_truncate on product_owner_phones
-- Row history of telephone numbers: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_owner_phones
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_owner_phones
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_owner_phones
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_owner_phones
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owner_phones', 'id', '',
        'phone_number,phone_number_encrypted,phone_number_index');
ALTER TABLE product_owner_phones
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
