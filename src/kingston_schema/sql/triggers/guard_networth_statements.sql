-- triggers guard_rows, guard_truncate on networth_statements
-- Immutable: no UPDATE, no TRUNCATE, no DELETE but with the client group (erratum E-059).
-- Tests: tests/sql/test_networth_statements.py
CREATE OR REPLACE TRIGGER guard_rows BEFORE UPDATE OR DELETE ON networth_statements
    FOR EACH ROW EXECUTE FUNCTION guard_networth_statement();
CREATE OR REPLACE TRIGGER guard_truncate BEFORE TRUNCATE ON networth_statements
    FOR EACH STATEMENT EXECUTE FUNCTION guard_networth_statement();
