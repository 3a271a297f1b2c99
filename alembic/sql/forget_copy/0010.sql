-- function @control@.forget_copy(text)
-- An interrupted rollback of the running revision had begun to copy columns of a table: the copies go, the columns stay.
-- Called by add_columns, and by copy_columns when the table was rewritten meanwhile.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.forget_copy(p_table text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_revision text := coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand');
    v_copy text := @control@.column_copy(p_table, v_revision, 'copy');
BEGIN
    IF to_regclass(format('@archive@.%I', v_copy)) IS NULL THEN
        RETURN;
    END IF;
    PERFORM @control@.take_locks(ARRAY[p_table]);
    EXECUTE format('DROP TRIGGER IF EXISTS kingston_copy ON %I', p_table);
    EXECUTE format('DROP TABLE @archive@.%I, @archive@.%I', v_copy, @control@.column_copy(p_table, v_revision, 'changed'));
    DELETE FROM @control@.backfill_progress AS b WHERE b.step = 'archive ' || p_table;
END
$function$;
