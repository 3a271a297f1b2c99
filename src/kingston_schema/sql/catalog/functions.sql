-- Functions, procedures and aggregates with every attribute; those that come with a range type are told by it.  Parameter: schema.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
       p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(p.proowner),
           'arguments', pg_get_function_arguments(p.oid),
           'result', pg_get_function_result(p.oid),
           'language', l.lanname,
           'body', p.prosrc,
           'sql body', pg_get_function_sqlbody(p.oid),
           'library', p.probin,
           'window', CASE WHEN p.prokind = 'w' THEN true END,
           'aggregate', (SELECT to_jsonb(a) - 'aggfnoid' || jsonb_build_object('aggtranstype', format_type(a.aggtranstype, NULL),
                                                     'aggmtranstype', format_type(nullif(a.aggmtranstype, 0), NULL),
                                                     'aggsortop', nullif(a.aggsortop, 0)::regoperator::text)
                           FROM pg_aggregate AS a WHERE a.aggfnoid = p.oid),
           'volatility', p.provolatile,
           'parallel', p.proparallel,
           'strict', CASE WHEN p.proisstrict THEN true END,
           'security definer', CASE WHEN p.prosecdef THEN true END,
           'leakproof', CASE WHEN p.proleakproof THEN true END,
           'cost', p.procost,
           'rows', nullif(p.prorows, 0),
           'settings', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(p.proconfig) AS o),
           'support', nullif(p.prosupport::oid, 0)::regproc::text,
           'comment', obj_description(p.oid, 'pg_proc')
       )) AS attributes
  FROM pg_proc AS p
  JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.pronamespace = to_regnamespace(%(schema)s)
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
