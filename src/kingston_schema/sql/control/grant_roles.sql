-- function @control@.grant_roles(text[])
-- Give the four roles what they lack of the matrix on the objects that exist now, and remember it (given_rights).
-- p_names: tables with their sequences, views, functions, or table.column; NULL for all.  A revision names what it made:
-- only then does its downgrade, which takes these out, leave the rights below as they were.
-- A role that does not exist, and an object whose owner we are not, is passed over: role_problems names it.  Repeatable.
-- Readers and writers are not waited for and do not wait: a grant takes the lock of a reader.
-- Called by op.grant_roles, make_roles and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.grant_roles(p_names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_grant record;
BEGIN
    FOR v_grant IN
        WITH lacking AS (
            SELECT r.* FROM @control@.role_rights() AS r
             WHERE (p_names IS NULL OR r.name = ANY (p_names) OR r.name || '.' || r.column_name = ANY (p_names))
               AND NOT r.held AND NOT r.withdrawn AND pg_has_role(r.owner, 'USAGE')
               AND EXISTS (SELECT 1 FROM pg_roles AS o WHERE o.rolname = r.role_name)
        ), noted AS (
            INSERT INTO @control@.given_rights (role_name, kind, object, column_name, privilege)
            SELECT l.role_name, l.kind, l.object, l.column_name, l.privilege FROM lacking AS l
            ON CONFLICT DO NOTHING
        )
        SELECT @control@.role_statement('GRANT', l.role_name, l.kind, l.object,
                   array_agg(l.privilege || CASE WHEN l.column_name <> '' THEN format(' (%I)', l.column_name) ELSE '' END)) AS statement
          FROM lacking AS l GROUP BY l.role_name, l.kind, l.object ORDER BY l.kind, l.object, l.role_name
    LOOP
        EXECUTE v_grant.statement;
    END LOOP;
END
$function$;
