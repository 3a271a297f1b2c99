-- function @control@.rows_moved(text, text)
-- Rows that one revision of one run archived, restored, quarantined or filled.
-- Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.rows_moved(p_run text, p_revision text) RETURNS bigint
LANGUAGE sql STABLE
SET search_path = @control@, pg_temp
AS $function$
SELECT coalesce(sum(e.rows_moved), 0)::bigint FROM archive_entry AS e
WHERE e.run_id = p_run AND e.revision = p_revision
$function$;
