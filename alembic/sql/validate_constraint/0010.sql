-- function @control@.validate_constraint(text, text)
-- VALIDATE CONSTRAINT: the scan runs under SHARE UPDATE EXCLUSIVE, which blocks neither readers nor writers, and so
-- does the wait for it.  Nothing when it is valid already.
-- Called by op.add_check_online, op.add_foreign_key_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION @control@.validate_constraint(p_table text, p_name text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    PERFORM @control@.in_attempts(ARRAY[format('ALTER TABLE %I VALIDATE CONSTRAINT %I', p_table, p_name)],
                                  ARRAY[p_table], 'SHARE UPDATE EXCLUSIVE');
END
$function$;
