-- Functions and procedures with every attribute.  Parameter: schema.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
       p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(p.proowner),
           'grants', (SELECT jsonb_agg(format('%%s: %%s', CASE WHEN x.grantee = p.proowner THEN 'owner' ELSE coalesce(r.rolname, 'PUBLIC') END, x.privilege_type)
                                       ORDER BY x.grantee <> p.proowner, r.rolname, x.privilege_type)
                        FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS x LEFT JOIN pg_roles AS r ON r.oid = x.grantee),
           'arguments', pg_get_function_arguments(p.oid),
           'result', pg_get_function_result(p.oid),
           'language', l.lanname,
           'body', p.prosrc,
           'sql body', pg_get_function_sqlbody(p.oid),
           'volatility', p.provolatile,
           'parallel', p.proparallel,
           'strict', CASE WHEN p.proisstrict THEN true END,
           'security definer', CASE WHEN p.prosecdef THEN true END,
           'leakproof', CASE WHEN p.proleakproof THEN true END,
           'cost', p.procost,
           'rows', nullif(p.prorows, 0),
           'settings', to_jsonb(p.proconfig),
           'support', nullif(p.prosupport::oid, 0),
           'comment', obj_description(p.oid, 'pg_proc')
       )) AS attributes
  FROM pg_proc AS p
  JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.pronamespace = to_regnamespace(%(schema)s)
