-- Indexes with definition and validity.  Parameter: schema.
SELECT 'index' AS kind,
       c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'table', t.relname,
           'definition', pg_get_indexdef(c.oid),
           'invalid', CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN true END,
           'clustered', CASE WHEN i.indisclustered THEN true END,
           'replica identity', CASE WHEN i.indisreplident THEN true END,
           'comment', obj_description(c.oid, 'pg_class')
       )) AS attributes
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_class AS t ON t.oid = i.indrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND t.relname <> 'alembic_version'
