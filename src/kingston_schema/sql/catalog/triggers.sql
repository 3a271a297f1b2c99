-- Triggers with their enabled state; those of foreign keys are told with the constraint.  Parameter: schema.
SELECT 'trigger' AS kind,
       t.tgname || ' on ' || c.relname AS name,
       jsonb_strip_nulls(jsonb_build_object(
           'definition', pg_get_triggerdef(t.oid),
           'enabled', CASE t.tgenabled WHEN 'O' THEN NULL WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END,
           'comment', obj_description(t.oid, 'pg_trigger')
       )) AS attributes
  FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid
 WHERE c.relnamespace = to_regnamespace(%(schema)s) AND NOT t.tgisinternal
