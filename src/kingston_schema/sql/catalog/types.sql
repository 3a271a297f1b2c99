-- Domains, enumerations, ranges and composite types.  Parameter: schema.
SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
       t.typname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'owner', pg_get_userbyid(t.typowner),
           'kind', CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' WHEN 'c' THEN 'composite' END,
           'base', CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
           'not null', CASE WHEN t.typnotnull THEN true END,
           'default', t.typdefault,
           'collation', (SELECT o.collname FROM pg_collation AS o
                          WHERE t.typtype = 'd' AND o.oid = t.typcollation AND o.collname <> 'default'),
           'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid),
           'range', (SELECT r.rngsubtype::regtype || ' by ' || o.opcname FROM pg_range AS r JOIN pg_opclass AS o ON o.oid = r.rngsubopc
                      WHERE r.rngtypid = t.oid),
           'fields', (SELECT jsonb_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
                        FROM pg_attribute AS a WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
           'comment', obj_description(t.oid, 'pg_type')
       )) AS attributes
  FROM pg_type AS t
 WHERE t.typnamespace = to_regnamespace(%(schema)s)
   AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND (SELECT c.relkind FROM pg_class AS c WHERE c.oid = t.typrelid) = 'c')
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
