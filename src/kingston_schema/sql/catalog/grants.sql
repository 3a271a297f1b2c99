-- Who may do what with relations, columns, functions, types and the schema; and what later objects will be granted.
-- Nothing granted and nothing revoked is what PostgreSQL starts with, so it is spelled out.  Parameter: schema.
WITH held (kind, name, attribute, owner, acl) AS (
    SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                          WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' END,
           c.relname::text, 'grants', c.relowner,
           coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
      FROM pg_class AS c
     WHERE c.relnamespace = to_regnamespace(%(schema)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'column', c.relname || '.' || a.attname, 'grants', c.relowner, a.attacl
      FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
     WHERE c.relnamespace = to_regnamespace(%(schema)s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attacl IS NOT NULL
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', 'grants', p.proowner,
           coalesce(p.proacl, acldefault('f', p.proowner))
      FROM pg_proc AS p WHERE p.pronamespace = to_regnamespace(%(schema)s)
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, t.typname, 'grants', t.typowner,
           coalesce(t.typacl, acldefault('T', t.typowner))
      FROM pg_type AS t WHERE t.typnamespace = to_regnamespace(%(schema)s)
    UNION ALL
    SELECT 'schema', '', 'grants', n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
      FROM pg_namespace AS n WHERE n.nspname = %(schema)s
    UNION ALL
    SELECT 'schema', '',
           'default privileges of ' || pg_get_userbyid(d.defaclrole) || ' for '
           || CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' ELSE 'types' END,
           0, d.defaclacl
      FROM pg_default_acl AS d WHERE d.defaclnamespace = to_regnamespace(%(schema)s)
), told AS (
    SELECT h.kind, h.name, h.attribute,
           format('%%s: %%s%%s%%s', CASE x.grantee WHEN 0 THEN 'PUBLIC' WHEN h.owner THEN 'owner' ELSE pg_get_userbyid(x.grantee) END,
                  x.privilege_type, CASE WHEN x.is_grantable THEN ' with grant option' END,
                  CASE WHEN x.grantor <> h.owner AND h.owner <> 0 THEN ' from ' || pg_get_userbyid(x.grantor) END) AS line
      FROM held AS h CROSS JOIN LATERAL aclexplode(h.acl) AS x
), listed AS (
    SELECT kind, name, attribute, jsonb_agg(line ORDER BY line COLLATE "C") AS lines FROM told GROUP BY kind, name, attribute
)
SELECT kind, name, jsonb_object_agg(attribute, lines) AS attributes FROM listed GROUP BY kind, name
