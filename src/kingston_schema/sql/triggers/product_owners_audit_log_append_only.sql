-- trigger product_owners_audit_log_append_only on product_owners_audit_log
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER product_owners_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON product_owners_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE product_owners_audit_log ENABLE ALWAYS TRIGGER product_owners_audit_log_append_only;
