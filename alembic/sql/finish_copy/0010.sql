-- function @control@.finish_copy(text, text)
-- After the last page was copied: a row that moved meanwhile may have been copied twice; such rows were noted, so their
-- copies go and come again (copy_changed_rows).  Then each key has one copy, and the index that says so is built.
-- Called by copy_columns.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.finish_copy(p_table text, p_revision text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_key text := @control@.only_key(p_table);
    v_copy text := @control@.column_copy(p_table, p_revision, 'copy');
    v_rows bigint;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_index AS i WHERE i.indrelid = to_regclass(format('@archive@.%I', v_copy))) THEN
        RETURN;
    END IF;
    EXECUTE format('DELETE FROM @archive@.%1$I AS c WHERE c.%2$I IN (SELECT n.%2$I FROM @archive@.%3$I AS n)'
                   ' AND c.quarantined_at IS NULL', v_copy, v_key, @control@.column_copy(p_table, p_revision, 'changed'));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    EXECUTE format('CREATE UNIQUE INDEX ON @archive@.%I (%I) WHERE quarantined_at IS NULL', v_copy, v_key);
    UPDATE @control@.backfill_progress AS b SET done = b.done - v_rows, updated_at = clock_timestamp()
     WHERE b.step = 'archive ' || p_table;
END
$function$;
