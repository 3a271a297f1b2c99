-- function @control@.index_state(text, text)
-- 'absent' (nothing of that name, or an invalid leftover of ours that was just dropped from view),
-- 'published' (valid and ours), 'foreign' (there, and not made by us).
-- An index is ours when the journal knows it, by OID or, after dump and restore, by name and table.
-- Called by op.create_index_online.  Tests: tests/ddl/test_indexes.py
CREATE OR REPLACE FUNCTION @control@.index_state(p_index text, p_table text) RETURNS text
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT coalesce((
    SELECT CASE WHEN j.published_at IS NOT NULL AND i.indisvalid THEN 'published' ELSE 'foreign' END
      FROM pg_index AS i
      JOIN pg_class AS c ON c.oid = i.indexrelid
      LEFT JOIN @control@.index_journal AS j ON j.index_name = p_index AND j.table_name = p_table
     WHERE i.indexrelid = to_regclass(quote_ident(p_index))
       AND c.relnamespace = '@schema@'::regnamespace), 'absent')
$function$;
