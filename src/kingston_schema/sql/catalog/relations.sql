-- Tables, views, materialized views and sequences of one schema.  Parameter: schema.
SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                      WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
                      ELSE 'relation' END AS kind,
       c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(c.relowner),
           'grants', (SELECT jsonb_agg(format('%%s: %%s%%s', coalesce(r.rolname, 'PUBLIC'), a.privilege_type,
                                              CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END)
                                       ORDER BY coalesce(r.rolname, 'PUBLIC'), a.privilege_type)
                        FROM aclexplode(c.relacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee),
           'comment', obj_description(c.oid, 'pg_class'),
           'persistence', nullif(c.relpersistence, 'p'),
           'options', to_jsonb(c.reloptions),
           'row security', CASE WHEN c.relrowsecurity OR c.relforcerowsecurity
                                THEN format('enabled %%s, forced %%s', c.relrowsecurity, c.relforcerowsecurity) END,
           'replica identity', nullif(c.relreplident, CASE WHEN c.relkind IN ('r', 'm') THEN 'd' ELSE 'n' END::"char"),
           'definition', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
           'populated', CASE WHEN c.relkind = 'm' THEN c.relispopulated END,
           'sequence', CASE WHEN c.relkind = 'S' THEN
               (SELECT format('%%s start %%s increment %%s min %%s max %%s cache %%s cycle %%s', format_type(s.seqtypid, NULL), s.seqstart,
                              s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle)
                  FROM pg_sequence AS s WHERE s.seqrelid = c.oid) END,
           'owned by', CASE WHEN c.relkind = 'S' THEN
               (SELECT t.relname || '.' || a.attname FROM pg_depend AS d
                  JOIN pg_class AS t ON t.oid = d.refobjid JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                 WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                   AND d.deptype IN ('a', 'i')) END
       )) AS attributes
  FROM pg_class AS c
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
   AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND c.relname <> 'alembic_version'
