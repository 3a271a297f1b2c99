-- function @control@.take_back_rights()
-- Take back what grant_roles gave (given_rights) and nothing else, in the portal's schema and, from auditors, in the
-- control schema.  PostgreSQL takes rights on columns away together with that on their table: those that somebody else gave
-- are given again as they were.
-- What portal_migrator has outside of the portal's schema stays, as the bookkeeping itself does: the rollback that is
-- running may need it to its end.  No role is dropped: another portal of the server may use it.  Repeatable.
-- Called by op.take_back_rights.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.take_back_rights() RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_given record;
    v_again text[];
    v_statement text;
BEGIN
    FOR v_given IN
        SELECT g.role_name, r.oid AS role_oid, g.kind, g.object,
               CASE WHEN g.kind IN ('table', 'sequence') THEN to_regclass(g.object) END AS relation,
               array_agg(g.privilege) FILTER (WHERE g.column_name = '') AS whole,
               array_agg(format('%s (%I)', g.privilege, g.column_name)) FILTER (WHERE a.attname IS NOT NULL) AS parts
          FROM @control@.given_rights AS g
          JOIN pg_roles AS r ON r.rolname = g.role_name
          LEFT JOIN pg_attribute AS a ON a.attrelid = to_regclass(g.object) AND a.attname = g.column_name AND NOT a.attisdropped
         WHERE CASE g.kind WHEN 'function' THEN to_regprocedure(g.object) IS NOT NULL
                           WHEN 'schema' THEN to_regnamespace(g.object) IS NOT NULL
                           WHEN 'role' THEN false ELSE to_regclass(g.object) IS NOT NULL END
           AND (g.role_name <> 'portal_migrator' OR g.kind = 'schema' AND to_regnamespace(g.object) = '@schema@'::regnamespace)
         GROUP BY g.role_name, r.oid, g.kind, g.object ORDER BY g.kind, g.object, g.role_name
    LOOP
        SELECT array_agg(format('GRANT %s (%I) ON TABLE %s TO %I%s', x.privilege_type, a.attname, v_given.object, v_given.role_name,
                                CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END))
          INTO v_again
          FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid CROSS JOIN LATERAL aclexplode(a.attacl) AS x
         WHERE a.attrelid = v_given.relation AND x.grantee = v_given.role_oid AND x.grantor = c.relowner
           AND x.privilege_type = ANY (v_given.whole) AND NOT a.attisdropped;
        EXECUTE @control@.role_statement('REVOKE', v_given.role_name, v_given.kind, v_given.object, v_given.whole || v_given.parts);
        FOREACH v_statement IN ARRAY coalesce(v_again, '{}') LOOP
            EXECUTE v_statement;
        END LOOP;
    END LOOP;
    DELETE FROM @control@.given_rights AS g
     WHERE g.role_name <> 'portal_migrator' OR g.kind = 'schema' AND g.object = '@schema@'::regnamespace::text;
END
$function$;
