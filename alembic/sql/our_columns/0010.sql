-- function @control@.our_columns(text, text[])
-- Those of the named columns that are there and were not there before us.  A database that was stamped above legacy
-- has no ledger: its columns count as ours, which is safe because their values are archived before they are dropped.
-- Called by archive_columns and set_default.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.our_columns(p_table text, p_names text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT coalesce(array_agg(n.name ORDER BY n.ord), '{}')
  FROM unnest(p_names) WITH ORDINALITY AS n (name, ord)
  JOIN pg_attribute AS a ON a.attrelid = to_regclass(quote_ident(p_table)) AND a.attname = n.name AND NOT a.attisdropped
  LEFT JOIN @control@.ledger AS l ON l.table_name = p_table AND l.column_name = n.name AND l.removed_at IS NULL
 WHERE NOT coalesce(l.pre_existing, false)
$function$;
