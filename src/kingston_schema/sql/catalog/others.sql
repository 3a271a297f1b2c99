-- Policies, types, rules, extended statistics and the grants of the schema itself.  Parameter: schema.
SELECT 'policy' AS kind, p.polname || ' on ' || c.relname AS name,
       jsonb_build_object('command', p.polcmd, 'permissive', p.polpermissive,
                          'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
                          'roles', (SELECT jsonb_agg(coalesce(r.rolname, 'PUBLIC') ORDER BY r.rolname)
                                      FROM unnest(p.polroles) AS u (oid) LEFT JOIN pg_roles AS r ON r.oid = u.oid)) AS attributes
  FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'type', t.typname,
       jsonb_strip_nulls(jsonb_build_object('kind', t.typtype, 'base', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
                          'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid)))
  FROM pg_type AS t
 WHERE t.typnamespace = to_regnamespace(%(schema)s) AND t.typtype IN ('e', 'd', 'r')
UNION ALL
SELECT 'rule', r.rulename || ' on ' || c.relname, jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled)
  FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'statistics', s.stxname, jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid))
  FROM pg_statistic_ext AS s
 WHERE s.stxnamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'schema', '', jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(n.nspowner), 'grants',
                (SELECT jsonb_agg(format('%%s: %%s', coalesce(r.rolname, 'PUBLIC'), x.privilege_type) ORDER BY r.rolname, x.privilege_type)
                   FROM aclexplode(n.nspacl) AS x LEFT JOIN pg_roles AS r ON r.oid = x.grantee)))
  FROM pg_namespace AS n WHERE n.nspname = %(schema)s
