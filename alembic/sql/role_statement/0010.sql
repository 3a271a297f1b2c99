-- function @control@.role_statement(text, text, text, text, text[])
-- GRANT or REVOKE of p_privileges ("SELECT", "UPDATE (notes)") on one object for a role, as SQL.
-- Called by grant_roles, take_back_rights, role_problems.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.role_statement(
    p_verb text, p_role text, p_kind text, p_object text, p_privileges text[]
) RETURNS text
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT format('%s %s ON %s %s %s %I', p_verb, array_to_string(p_privileges, ', '), upper(p_kind),
              p_object, CASE p_verb WHEN 'GRANT' THEN 'TO' ELSE 'FROM' END, p_role)
$function$;
