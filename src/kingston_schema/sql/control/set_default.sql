-- function @control@.set_default(text, text, text)
-- SET DEFAULT on a column of ours; a pre-existing column keeps its own.  Called by op.set_default.
-- Tests: tests/ddl/test_columns.py
CREATE OR REPLACE FUNCTION @control@.set_default(p_table text, p_column text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    IF cardinality(@control@.our_columns(p_table, ARRAY[p_column])) = 0 THEN
        RETURN;
    END IF;
    PERFORM @control@.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', p_table, p_column, p_expression);
END
$function$;
