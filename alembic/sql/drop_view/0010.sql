-- function @control@.drop_view(text)
-- Drop a view under the lock budget: its readers wait no longer than one attempt.  Repeatable.
-- Called by op.drop_sql.  Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION @control@.drop_view(p_view text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    PERFORM @control@.in_attempts(ARRAY[format('DROP VIEW IF EXISTS %I', p_view)], ARRAY[p_view], 'ACCESS EXCLUSIVE');
END
$function$;
