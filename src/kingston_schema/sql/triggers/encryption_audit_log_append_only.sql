-- trigger encryption_audit_log_append_only on encryption_audit_log
-- Nothing that was recorded is changed or removed (erratum E-189).
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_refuse_rewrite.py
CREATE OR REPLACE TRIGGER encryption_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON encryption_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE encryption_audit_log ENABLE ALWAYS TRIGGER encryption_audit_log_append_only;
