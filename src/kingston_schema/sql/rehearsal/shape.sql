-- Tables of one schema: columns with types, primary key, references of one column.  Parameter: schema.
SELECT c.relname,
       (SELECT jsonb_object_agg(a.attname, jsonb_build_object(
                   'type', format_type(a.atttypid, a.atttypmod), 'place', a.attnum,
                   'given', a.attidentity = 'a' OR a.attgenerated <> '', 'must', a.attnotnull))
          FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY array_position(i.indkey::int[], a.attnum::int))
          FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
         WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
       (SELECT jsonb_agg(jsonb_build_object('column', a.attname, 'parent', p.relname, 'action', k.confdeltype)
                         ORDER BY k.conname)
          FROM pg_constraint AS k
          JOIN pg_class AS p ON p.oid = k.confrelid
          JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND cardinality(k.conkey) = 1) AS refs
  FROM pg_class AS c
 WHERE c.relnamespace = to_regnamespace(quote_ident(%(schema)s)) AND c.relkind = 'r' AND c.relname <> 'alembic_version'
 ORDER BY c.relname
