-- function @control@.columns_to_archive(text, text[])
-- Those of the named columns that a rollback of the running revision takes out.  A column without an entry in the
-- ledger was there before us when an unfinished upgrade is being undone (the revision is not the recorded one then);
-- in a portal that was stamped above legacy it is what the revision says.
-- Called by copy_columns and archive_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.columns_to_archive(p_table text, p_names text[]) RETURNS text[]
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT coalesce(array_agg(o.name ORDER BY o.ord), '{}')
  FROM unnest(@control@.our_columns(p_table, p_names)) WITH ORDINALITY AS o (name, ord)
 WHERE EXISTS (SELECT 1 FROM @control@.ledger AS l
                WHERE l.table_name = p_table AND l.column_name = o.name AND l.removed_at IS NULL)
    OR EXISTS (SELECT 1 FROM alembic_version AS v WHERE v.version_num = current_setting('kingston.revision', true))
$function$;
