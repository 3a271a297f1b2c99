-- function @control@.add_check(text, text, text)
-- ADD CONSTRAINT … CHECK … NOT VALID under the lock budget; nothing when it is there already (a repeated upgrade).
-- Called by op.add_check_online and op.set_not_null_online.  Tests: tests/ddl/test_checks.py
CREATE OR REPLACE FUNCTION @control@.add_check(p_table text, p_name text, p_expression text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k
                WHERE k.conrelid = to_regclass(quote_ident(p_table)) AND k.conname = p_name) THEN
        RETURN;
    END IF;
    PERFORM @control@.take_locks(ARRAY[p_table]);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (%s) NOT VALID', p_table, p_name, p_expression);
END
$function$;
