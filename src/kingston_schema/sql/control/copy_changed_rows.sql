-- function @control@.copy_changed_rows(text, text, text[], integer)
-- Copies again the rows of up to p_limit notes that the trigger note_changed_row wrote, and counts the copies in the
-- progress row.  Returns how many notes it dealt with.
-- Called by copy_columns, and by archive_columns for the last ones.  Tests: tests/ddl/test_copy_columns.py
CREATE OR REPLACE FUNCTION @control@.copy_changed_rows(
    p_table text, p_revision text, p_names text[], p_limit integer
) RETURNS bigint
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_key text := @control@.only_key(p_table);
    v_notes bigint;
    v_keys text;
    v_rows bigint;
BEGIN
    EXECUTE format('WITH noted AS (DELETE FROM @archive@.%1$I WHERE ctid = ANY (ARRAY('
                   ' SELECT n.ctid FROM @archive@.%1$I AS n LIMIT %2$s)) RETURNING %3$I)'
                   ' SELECT count(*), array_agg(DISTINCT %3$I)::text FROM noted',
                   @control@.column_copy(p_table, p_revision, 'changed'), p_limit, v_key) INTO v_notes, v_keys;
    IF v_notes > 0 THEN
        v_rows := @control@.copy_rows(p_table, p_revision, p_names, format('t.%I = ANY (%L)', v_key, v_keys), v_keys);
        UPDATE @control@.backfill_progress AS b SET done = b.done + v_rows, updated_at = clock_timestamp()
         WHERE b.step = 'archive ' || p_table;
    END IF;
    RETURN v_notes;
END
$function$;
