-- function @control@.role_problems()
-- What is wrong with the four roles: kind missing (there is no such role), strong (it may do what no role of ours may),
-- right (it lacks one; one row per object).  remedy is the exact statement for somebody who may say it.
-- Called by make_roles, kingston check and kingston doctor.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.role_problems()
RETURNS TABLE (role_name text, kind text, object text, problem text, remedy text)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
WITH ours AS (
    SELECT m.role_name, r.* FROM (SELECT DISTINCT x.role_name FROM @control@.role_matrix() AS x) AS m
    LEFT JOIN pg_roles AS r ON r.rolname = m.role_name
)
SELECT o.role_name, 'missing', '', format('role %s is missing', o.role_name), format('CREATE ROLE %s', o.role_name)
FROM ours AS o WHERE o.oid IS NULL
UNION ALL
SELECT o.role_name, 'strong', '', format('role %s has %s', o.role_name, string_agg(a.name, ', ' ORDER BY a.place)),
       format('ALTER ROLE %s %s', o.role_name, string_agg('NO' || a.name, ' ' ORDER BY a.place))
FROM ours AS o
CROSS JOIN LATERAL (VALUES (1, 'SUPERUSER', o.rolsuper), (2, 'CREATEDB', o.rolcreatedb), (3, 'CREATEROLE', o.rolcreaterole),
                           (4, 'REPLICATION', o.rolreplication), (5, 'BYPASSRLS', o.rolbypassrls)) AS a (place, name, has)
WHERE a.has GROUP BY o.role_name
UNION ALL
SELECT o.role_name, 'strong', s.rolname::text, format('role %s is a member of %s, a superuser', o.role_name, s.rolname),
       format('REVOKE %I FROM %s', s.rolname, o.role_name)
FROM ours AS o JOIN pg_roles AS s ON s.rolsuper AND NOT o.rolsuper AND pg_has_role(o.oid, s.oid, 'MEMBER')
UNION ALL
SELECT r.role_name, 'right', r.object,
       format('role %s lacks %s on %s %s', r.role_name, string_agg(DISTINCT r.privilege, ', '), r.kind, r.object),
       @control@.role_statement('GRANT', r.role_name, r.kind, r.object,
                                array_agg(r.privilege || CASE WHEN r.column_name <> '' THEN format(' (%I)', r.column_name) ELSE '' END
                                          ORDER BY r.privilege, r.column_name))
FROM @control@.role_rights() AS r JOIN ours AS o ON o.role_name = r.role_name AND o.oid IS NOT NULL
WHERE NOT r.held AND NOT r.withdrawn GROUP BY r.role_name, r.kind, r.object
$function$;
