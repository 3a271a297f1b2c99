-- function @control@.keep_grants(text, text)
-- Remember who may use a function or view before it is dropped.  Called by op.drop_sql.
-- Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION @control@.keep_grants(p_kind text, p_identity text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_acl aclitem[];
    v_owner oid;
    v_statements text[];
    v_keyword text := CASE p_kind WHEN 'function' THEN 'FUNCTION' WHEN 'procedure' THEN 'PROCEDURE' ELSE 'TABLE' END;
BEGIN
    IF p_kind IN ('function', 'procedure') THEN
        SELECT p.proacl, p.proowner INTO v_acl, v_owner FROM pg_proc AS p WHERE p.oid = to_regprocedure(p_identity);
    ELSE
        SELECT c.relacl, c.relowner INTO v_acl, v_owner FROM pg_class AS c WHERE c.oid = to_regclass(p_identity);
    END IF;
    SELECT array_agg(format('GRANT %s ON %s %s TO %s%s', a.privilege_type, v_keyword, p_identity,
                            coalesce(quote_ident(r.rolname), 'PUBLIC'),
                            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
      INTO v_statements
      FROM aclexplode(v_acl) AS a
      LEFT JOIN pg_roles AS r ON r.oid = a.grantee
     WHERE a.grantee <> v_owner AND (a.grantee = 0 OR r.oid IS NOT NULL);
    IF v_statements IS NOT NULL THEN
        INSERT INTO @control@.kept_grants (kind, identity, statements) VALUES (p_kind, p_identity, v_statements)
        ON CONFLICT (kind, identity) DO UPDATE SET statements = EXCLUDED.statements, kept_at = clock_timestamp();
    END IF;
END
$function$;
