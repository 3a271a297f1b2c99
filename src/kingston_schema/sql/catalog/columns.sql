-- Columns of tables, views and materialized views, with their place among the living columns.  Parameter: schema.
SELECT 'column' AS kind,
       c.relname || '.' || a.attname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'position', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
           'type', format_type(a.atttypid, a.atttypmod),
           'not null', CASE WHEN a.attnotnull THEN true END,
           'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'generated', CASE WHEN a.attgenerated <> '' THEN a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid) END,
           'identity', nullif(a.attidentity, ''),
           'collation', (SELECT o.collname FROM pg_collation AS o WHERE o.oid = a.attcollation AND o.collname <> 'default'),
           'storage', nullif(a.attstorage, t.typstorage),
           'compression', nullif(a.attcompression, ''),
           'statistics target', nullif(nullif(a.attstattarget::integer, -1), NULL),
           'options', to_jsonb(a.attoptions),
           'grants', (SELECT jsonb_agg(format('%%s: %%s', coalesce(r.rolname, 'PUBLIC'), x.privilege_type)
                                       ORDER BY coalesce(r.rolname, 'PUBLIC'), x.privilege_type)
                        FROM aclexplode(a.attacl) AS x LEFT JOIN pg_roles AS r ON r.oid = x.grantee),
           'comment', col_description(c.oid, a.attnum)
       )) AS attributes
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  JOIN pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND c.relname <> 'alembic_version'
   AND a.attnum > 0 AND NOT a.attisdropped
