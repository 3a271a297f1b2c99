-- function @control@.log_movement(text, text, text, text[], bigint, text)
-- Writes one row of the archive register for the revision that is running.
-- Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.log_movement(
    p_movement text, p_table text, p_archive text, p_columns text[], p_rows bigint, p_reason text DEFAULT NULL
) RETURNS void
LANGUAGE sql
SET search_path = @control@, pg_temp
AS $function$
INSERT INTO archive_entry (run_id, revision, movement, table_name, archive_name, columns, rows_moved, reason)
VALUES (nullif(current_setting('kingston.run', true), ''),
        coalesce(nullif(current_setting('kingston.revision', true), ''), 'by hand'),
        p_movement, p_table, p_archive, p_columns, p_rows, p_reason)
$function$;
