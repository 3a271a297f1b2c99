-- function @control@.add_columns(text, text[], text[], text[])
-- One ALTER TABLE with all the columns that are missing, under the lock budget; the ledger records each column as
-- added or pre-existing.  What an interrupted rollback had begun to copy is forgotten.  Repeatable.
-- Called by op.add_columns.  Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.add_columns(
    p_table text, p_names text[], p_definitions text[], p_comments text[]
) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_oid oid := to_regclass(quote_ident(p_table));
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_adds text;
    v_column record;
BEGIN
    PERFORM @control@.forget_copy(p_table);
    INSERT INTO @control@.ledger (revision, table_name, column_name, column_type, pre_existing)
    SELECT v_revision, p_table, n.name, coalesce(format_type(a.atttypid, a.atttypmod), n.definition), a.attname IS NOT NULL
      FROM unnest(p_names, p_definitions) AS n (name, definition)
      LEFT JOIN pg_attribute AS a ON a.attrelid = v_oid AND a.attname = n.name AND NOT a.attisdropped
    ON CONFLICT (table_name, column_name) WHERE removed_at IS NULL DO NOTHING;
    SELECT string_agg('ADD COLUMN ' || n.definition, ', ' ORDER BY n.ord) INTO v_adds
      FROM unnest(p_names, p_definitions) WITH ORDINALITY AS n (name, definition, ord)
     WHERE NOT EXISTS (SELECT 1 FROM pg_attribute AS a
                        WHERE a.attrelid = v_oid AND a.attname = n.name AND NOT a.attisdropped);
    IF v_adds IS NULL THEN
        RETURN;
    END IF;
    PERFORM @control@.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I %s', p_table, v_adds);
    FOR v_column IN
        SELECT n.name, n.comment FROM unnest(p_names, p_comments) AS n (name, comment)
          JOIN @control@.ledger AS l ON l.table_name = p_table AND l.column_name = n.name AND l.removed_at IS NULL
         WHERE n.comment <> '' AND NOT l.pre_existing
    LOOP
        EXECUTE format('COMMENT ON COLUMN %I.%I IS %L', p_table, v_column.name, v_column.comment);
    END LOOP;
END
$function$;
