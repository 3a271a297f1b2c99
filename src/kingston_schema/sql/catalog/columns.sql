-- Columns of tables, views and materialized views, with their place among the living columns.  Parameter: schema.
-- PostgreSQL 18 keeps NOT NULL as a constraint with a name, a comment and validity of its own; 15 to 17 have the flag alone.
SELECT 'column' AS kind,
       c.relname || '.' || a.attname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'position', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum),
           'type', format_type(a.atttypid, a.atttypmod),
           'not null', CASE WHEN a.attnotnull THEN CASE WHEN k.convalidated IS FALSE THEN to_jsonb('not valid'::text)
                                                           WHEN k.connoinherit THEN to_jsonb('not inherited'::text)
                                                           ELSE to_jsonb(true) END END,
           'not null name', k.conname,
           'not null comment', obj_description(k.oid, 'pg_constraint'),
           'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
           'generated', CASE WHEN a.attgenerated <> '' THEN a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid) END,
           'identity', nullif(a.attidentity, ''),
           'collation', (SELECT o.collname FROM pg_collation AS o WHERE o.oid = a.attcollation AND o.collname <> 'default'),
           'storage', nullif(a.attstorage, t.typstorage),
           'compression', nullif(a.attcompression, ''),
           'statistics target', nullif(a.attstattarget::integer, -1),
           'options', (SELECT jsonb_agg(o ORDER BY o COLLATE "C") FROM unnest(a.attoptions) AS o),
           'comment', col_description(c.oid, a.attnum)
       )) AS attributes
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  JOIN pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]
 WHERE c.relnamespace = to_regnamespace(%(schema)s)
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND c.relname <> 'alembic_version'
   AND a.attnum > 0 AND NOT a.attisdropped
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
