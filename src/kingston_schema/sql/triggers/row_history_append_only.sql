-- trigger row_history_append_only on row_history
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER row_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON row_history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE row_history ENABLE ALWAYS TRIGGER row_history_append_only;
