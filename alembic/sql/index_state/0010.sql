-- function @control@.index_state(text, text, text, text)
-- What there is of an index: 'published' (valid and ours), 'built' (a crash came between the build and its publication:
-- the very index, valid, under its temporary name), 'leftover' (ours and invalid: a build or a drop that was cut off),
-- 'foreign' (there, and not made by us), 'absent'.
-- An index is ours when the journal knows it by name and table.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION @control@.index_state(
    p_index text, p_table text, p_building text DEFAULT NULL, p_statement text DEFAULT NULL
) RETURNS text
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT coalesce(
    (SELECT CASE WHEN j.published_at IS NULL THEN 'foreign' WHEN i.indisvalid THEN 'published' ELSE 'leftover' END
       FROM pg_index AS i
       JOIN pg_class AS c ON c.oid = i.indexrelid
       LEFT JOIN @control@.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table
      WHERE i.indexrelid = to_regclass(quote_ident(p_index)) AND c.relnamespace = '@schema@'::regnamespace),
    (SELECT 'built'
       FROM pg_index AS i
       JOIN @control@.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table AND j.statement = p_statement
      WHERE i.indexrelid = to_regclass(quote_ident(p_building)) AND i.indisvalid AND j.published_at IS NULL),
    'absent')
$function$;
