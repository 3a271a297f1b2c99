-- Constraints of tables and domains with their validity.  Parameter: schema.
-- NOT NULL, a constraint since PostgreSQL 18, is told with its column.  NOT ENFORCED exists since 18, so it is read by name.
SELECT CASE WHEN k.conrelid <> 0 THEN 'constraint' ELSE 'domain constraint' END AS kind,
       coalesce(c.relname, t.typname) || '.' || k.conname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'definition', regexp_replace(pg_get_constraintdef(k.oid), ' (NOT VALID|NOT ENFORCED)$', ''),
           'not valid', CASE WHEN NOT k.convalidated AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false' THEN true END,
           'not enforced', CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN true END,
           'triggers off', (SELECT jsonb_agg(DISTINCT g.tgrelid::regclass::text) FROM pg_trigger AS g
                             WHERE g.tgconstraint = k.oid AND g.tgisinternal AND g.tgenabled <> 'O'),
           'comment', obj_description(k.oid, 'pg_constraint')
       )) AS attributes
  FROM pg_constraint AS k
  LEFT JOIN pg_class AS c ON c.oid = k.conrelid
  LEFT JOIN pg_type AS t ON t.oid = k.contypid
 WHERE k.connamespace = to_regnamespace(%(schema)s)
   AND k.contype IN ('c', 'f', 'p', 'u', 'x')
   AND c.relname IS DISTINCT FROM 'alembic_version'
