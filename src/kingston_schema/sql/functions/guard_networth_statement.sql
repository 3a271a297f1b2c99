-- function guard_networth_statement()
-- A net-worth statement is history: it is never changed, and it goes only with its client group (design decision;
-- erratum E-059).  The cascade from client_groups runs after the group is gone, so "the group is still there" tells
-- a direct DELETE from the cascade.  SECURITY DEFINER: whoever deletes a group needs no right to read it here.
-- Called by the triggers guard_rows and guard_truncate of networth_statements.
-- Refusal: SQLSTATE 23001.
-- Tests: tests/sql/test_networth_statements.py
CREATE OR REPLACE FUNCTION guard_networth_statement() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'net-worth statements are immutable: the table cannot be truncated'
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = 'a statement goes only with its client group';
    ELSIF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'net-worth statement % is immutable: it cannot be changed', OLD.id
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('take a new one: SELECT make_networth_statement(%s, <your profile id>)', OLD.client_group_id);
    ELSIF EXISTS (SELECT 1 FROM client_groups AS g WHERE g.id = OLD.client_group_id) THEN
        RAISE EXCEPTION 'net-worth statement % is immutable: it cannot be deleted', OLD.id
            USING ERRCODE = 'restrict_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                  HINT = format('it goes only with its client group %s', OLD.client_group_id);
    END IF;
    RETURN OLD;
END
$body$;

COMMENT ON FUNCTION guard_networth_statement() IS
    'trigger: net-worth statements are never changed and go only with their client group';
REVOKE ALL ON FUNCTION guard_networth_statement() FROM PUBLIC;
