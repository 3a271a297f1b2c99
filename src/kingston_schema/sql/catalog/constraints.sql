-- Constraints with their validity.  PostgreSQL 18 lists NOT NULL as constraints too; columns tell that already.  Parameter: schema.
SELECT 'constraint' AS kind,
       c.relname || '.' || k.conname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'definition', pg_get_constraintdef(k.oid),
           'not valid', CASE WHEN NOT k.convalidated THEN true END,
           'deferrable', CASE WHEN k.condeferrable THEN CASE WHEN k.condeferred THEN 'initially deferred' ELSE 'initially immediate' END END,
           'comment', obj_description(k.oid, 'pg_constraint')
       )) AS attributes
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = k.conrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND k.contype IN ('c', 'f', 'p', 'u', 'x') AND c.relname <> 'alembic_version'
