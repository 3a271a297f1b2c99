-- function @control@.role_rights()
-- The matrix of roles (role_matrix) for the objects that exist now, right by right, and whether the role has it: by a
-- grant, as everybody has it, or as the owner.  withdrawn: taken away by a rollback of level 2, until that is undone.
-- name as the matrix has it (of a sequence its table), object as SQL has it.
-- Called by grant_roles, role_problems.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.role_rights()
RETURNS TABLE (role_name text, kind text, name text, object text, column_name text, privilege text, owner oid, held boolean,
               withdrawn boolean)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
WITH wanted AS (
    SELECT m.role_name, (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = m.role_name) AS role_oid, m.kind, m.columns,
           m.privileges, n.name
    FROM @control@.role_matrix() AS m CROSS JOIN LATERAL unnest(m.names) AS n (name)
), found AS (
    SELECT w.*, 'table' AS what, c.oid, c.oid::regclass::text AS object, c.relname::text AS plain, c.relowner AS owner,
           coalesce(c.relacl, acldefault('r', c.relowner)) AS acl
    FROM wanted AS w
    JOIN pg_class AS c ON c.relkind IN ('r', 'p', 'v', 'm')
     AND (w.kind = 'table' AND c.relnamespace = '@schema@'::regnamespace AND c.relname = w.name
          OR w.kind = 'control' AND c.relnamespace = '@control@'::regnamespace AND w.name IN (c.relname, '*'))
    UNION ALL
    SELECT w.*, 'sequence', s.oid, s.oid::regclass::text, s.relname::text, s.relowner,
           coalesce(s.relacl, acldefault('s', s.relowner))
    FROM wanted AS w
    JOIN pg_class AS c ON c.relnamespace = '@schema@'::regnamespace AND c.relname = w.name
    JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')
     AND d.classid = 'pg_class'::regclass
    JOIN pg_class AS s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE w.kind = 'sequence'
    UNION ALL
    SELECT w.*, 'function', p.oid, p.oid::regprocedure::text, p.proname::text, p.proowner,
           coalesce(p.proacl, acldefault('f', p.proowner))
    FROM wanted AS w
    JOIN pg_proc AS p ON p.pronamespace = '@schema@'::regnamespace AND p.proname = w.name
    WHERE w.kind = 'function'
    UNION ALL
    SELECT w.*, 'schema', n.oid, n.oid::regnamespace::text, n.nspname::text, n.nspowner,
           coalesce(n.nspacl, acldefault('n', n.nspowner))
    FROM wanted AS w
    JOIN pg_namespace AS n ON n.oid = CASE w.name WHEN 'application' THEN '@schema@'::regnamespace
                                                  WHEN 'control' THEN '@control@'::regnamespace
                                                  WHEN 'archive' THEN '@archive@'::regnamespace END
    WHERE w.kind = 'schema'
)
SELECT f.role_name, f.what, CASE f.name WHEN '*' THEN f.plain ELSE f.name END, f.object, coalesce(a.attname::text, ''), p.privilege, f.owner,
       coalesce(f.role_oid = f.owner
                OR EXISTS (SELECT 1 FROM aclexplode(f.acl) AS x WHERE x.grantee IN (0, f.role_oid) AND x.privilege_type = p.privilege)
                OR EXISTS (SELECT 1 FROM aclexplode(a.attacl) AS x WHERE x.grantee IN (0, f.role_oid) AND x.privilege_type = p.privilege),
                false),
       EXISTS (SELECT 1 FROM @control@.kept_grants AS k
                WHERE k.kind = 'withdrawn' AND f.what IN ('table', 'sequence') AND k.identity = f.plain || ' ' || quote_ident(f.role_name))
FROM found AS f
CROSS JOIN LATERAL unnest(f.privileges) AS p (privilege)
LEFT JOIN pg_attribute AS a ON a.attrelid = f.oid AND f.what = 'table' AND a.attname = ANY (f.columns) AND NOT a.attisdropped
WHERE f.columns IS NULL OR a.attname IS NOT NULL
$function$;
