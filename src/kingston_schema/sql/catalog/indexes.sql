-- Indexes with definition and validity.  Parameter: schema.
SELECT 'index' AS kind,
       c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'table', t.relname,
           'definition', pg_get_indexdef(c.oid),
           'invalid', CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN true END,
           'clustered', CASE WHEN i.indisclustered THEN true END,
           'replica identity', CASE WHEN i.indisreplident THEN true END,
           'tablespace', (SELECT s.spcname FROM pg_tablespace AS s WHERE s.oid = c.reltablespace),
           'statistics targets', (SELECT jsonb_object_agg(a.attnum, a.attstattarget) FROM pg_attribute AS a
                                   WHERE a.attrelid = c.oid AND a.attstattarget >= 0),
           'comment', obj_description(c.oid, 'pg_class')
       )) AS attributes
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_class AS t ON t.oid = i.indrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND t.relname <> 'alembic_version'
   AND NOT EXISTS (SELECT 1 FROM pg_depend AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = t.oid AND e.deptype = 'e')
