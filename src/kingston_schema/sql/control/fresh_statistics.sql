-- function @control@.fresh_statistics(text, text[])
-- Look at what a data movement has just written, before anything is planned with what the table was like: until autovacuum
-- comes by, a column that was filled after it was added counts as all NULL, and a query over it as one over no rows.  (A
-- check of the gate of phase 6 then took minutes instead of milliseconds.)
-- p_columns: those to look at, empty for all.  Whoever holds the table against it for more than 1.5 seconds is let be:
-- most often that is autovacuum at the same work.
-- Called by fill_ownership, fill_summaries.  Tests: tests/ddl/test_fresh_statistics.py
CREATE OR REPLACE FUNCTION @control@.fresh_statistics(p_table text, p_columns text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_before CONSTANT text := current_setting('lock_timeout');
BEGIN
    BEGIN
        PERFORM set_config('lock_timeout', '1500ms', true);
        EXECUTE format('ANALYZE %I', p_table)
                || CASE WHEN p_columns = '{}' THEN ''
                        ELSE (SELECT format('(%s)', string_agg(quote_ident(c.name), ', ')) FROM unnest(p_columns) AS c (name)) END;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
        NULL;
    END;
    PERFORM set_config('lock_timeout', v_before, true);
END
$function$;
