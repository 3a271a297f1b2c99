-- trigger ownership_audit_log_append_only on ownership_audit_log
-- Nothing that was recorded is changed or removed.
-- ALWAYS: under session_replication_role = replica too.
-- Tests: tests/sql/test_audit_ownership_changes.py
CREATE OR REPLACE TRIGGER ownership_audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ownership_audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite();
ALTER TABLE ownership_audit_log ENABLE ALWAYS TRIGGER ownership_audit_log_append_only;
