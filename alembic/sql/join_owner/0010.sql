-- function @control@.join_owner()
-- Whoever migrates must own the portal's tables: make portal_migrator a member of the role that owns the Phase 1 tables.
-- Never of a superuser or of a member of one.  Where the migrating role may not do that, a warning (KS011) says the exact
-- statement.  No downgrade takes the membership back: the run itself may rest on it, and so may another portal.
-- Called by make_roles.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.join_owner() RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_owner name;
    v_statement text;
BEGIN
    IF to_regrole('portal_migrator') IS NULL THEN
        RETURN;
    END IF;
    FOR v_owner IN
        SELECT DISTINCT o.rolname
          FROM @control@.role_matrix() AS m CROSS JOIN LATERAL unnest(m.names) AS n (name)
          JOIN pg_class AS c ON c.relnamespace = '@schema@'::regnamespace AND c.relname = n.name AND c.relkind = 'r'
          JOIN pg_roles AS o ON o.oid = c.relowner
         WHERE m.role_name = 'portal_app' AND m.kind = 'sequence' AND 'UPDATE' = ANY (m.privileges)  -- those of Phase 1
           AND NOT EXISTS (SELECT 1 FROM pg_roles AS s WHERE s.rolsuper AND pg_has_role(o.oid, s.oid, 'MEMBER'))
           AND NOT pg_has_role('portal_migrator', o.oid, 'MEMBER')
         ORDER BY 1
    LOOP
        v_statement := format('GRANT %I TO portal_migrator', v_owner);
        BEGIN
            EXECUTE v_statement;
            INSERT INTO @control@.given_rights (role_name, kind, object, privilege)
            VALUES ('portal_migrator', 'role', quote_ident(v_owner), 'MEMBER') ON CONFLICT DO NOTHING;
        EXCEPTION
            WHEN insufficient_privilege THEN
                RAISE WARNING 'logins in portal_migrator cannot migrate this portal yet: role % owns its tables', v_owner
                    USING ERRCODE = 'KS011', HINT = 'as an administrator: ' || v_statement;
            WHEN invalid_grant_operation THEN
                NULL;  -- the owner is a member of portal_migrator itself
        END;
    END LOOP;
END
$function$;
