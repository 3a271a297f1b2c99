-- Policies, rules, extended statistics, the schema itself, and by name whatever else is in it.  Parameter: schema.
SELECT 'policy' AS kind, p.polname || ' on ' || c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object('command', p.polcmd, 'permissive', p.polpermissive,
                          'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid),
                          'roles', (SELECT jsonb_agg(CASE u.oid WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(u.oid) END ORDER BY u.oid)
                                      FROM unnest(p.polroles) AS u (oid)),
                          'comment', obj_description(p.oid, 'pg_policy'))) AS attributes
  FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'rule', r.rulename || ' on ' || c.relname,
       jsonb_strip_nulls(jsonb_build_object('definition', pg_get_ruledef(r.oid), 'enabled', CASE r.ev_enabled WHEN 'O' THEN NULL WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END,
                          'comment', obj_description(r.oid, 'pg_rewrite')))
  FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'statistics', s.stxname,
       jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(s.stxowner), 'table', c.relname,
                          'definition', pg_get_statisticsobjdef(s.oid), 'statistics target', nullif(s.stxstattarget::integer, -1),
                          'comment', obj_description(s.oid, 'pg_statistic_ext')))
  FROM pg_statistic_ext AS s JOIN pg_class AS c ON c.oid = s.stxrelid
 WHERE s.stxnamespace = to_regnamespace(%(schema)s)
UNION ALL
SELECT 'schema', '',
       jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid(n.nspowner), 'comment', obj_description(n.oid, 'pg_namespace'),
                          'publications', (SELECT jsonb_agg(p.pubname ORDER BY p.pubname) FROM pg_publication_namespace AS m
                                             JOIN pg_publication AS p ON p.oid = m.pnpubid WHERE m.pnnspid = n.oid)))
  FROM pg_namespace AS n WHERE n.nspname = %(schema)s
UNION ALL
SELECT o.type, replace(o.identity, quote_ident(%(schema)s) || '.', ''),
       jsonb_strip_nulls(jsonb_build_object('comment', obj_description(d.objid, d.classid::regclass::name),
                          'version', (SELECT x.extversion FROM pg_extension AS x WHERE d.classid = 'pg_extension'::regclass AND x.oid = d.objid)))
  FROM pg_depend AS d CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) AS o
 WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = to_regnamespace(%(schema)s)
   AND d.classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_constraint'::regclass,
                         'pg_statistic_ext'::regclass, 'pg_default_acl'::regclass, 'pg_publication_namespace'::regclass)
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')
