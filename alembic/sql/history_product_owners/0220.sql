-- triggers history_insert, history_update, history_delete, history_truncate on product_owners
-- Row history of product owners: every column, one line per changed row (record_row_history says what is kept).
-- Errata E-110 (all columns, TRUNCATE), E-189.  Statement-level with transition tables: one trigger per event.
-- Telephone numbers in columns of the portal's own are sensitive, too: its application keeps them in plain, the history not.
-- ALWAYS: on under session_replication_role = replica too.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE TRIGGER history_insert AFTER INSERT ON product_owners
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_update AFTER UPDATE ON product_owners
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_delete AFTER DELETE ON product_owners
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
CREATE OR REPLACE TRIGGER history_truncate BEFORE TRUNCATE ON product_owners
    FOR EACH STATEMENT EXECUTE FUNCTION record_row_history('product_owners', 'id', '', 'security_words,notes,phone,phone_1,phone_2,phone_3');
ALTER TABLE product_owners
    ENABLE ALWAYS TRIGGER history_insert,
    ENABLE ALWAYS TRIGGER history_update,
    ENABLE ALWAYS TRIGGER history_delete,
    ENABLE ALWAYS TRIGGER history_truncate;
