-- function @control@.add_foreign_key(text, text, text, text)
-- ADD CONSTRAINT … NOT VALID under the lock budget; nothing when the constraint is there already (a repeated upgrade).
-- Called by op.add_foreign_key_online.  Tests: tests/ddl/test_quarantine.py
CREATE OR REPLACE FUNCTION @control@.add_foreign_key(p_table text, p_name text, p_definition text, p_referent text)
RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_constraint AS k
                WHERE k.conrelid = to_regclass(quote_ident(p_table)) AND k.conname = p_name) THEN
        RETURN;
    END IF;
    PERFORM @control@.take_locks(ARRAY[p_table, p_referent], 'SHARE ROW EXCLUSIVE');
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s NOT VALID', p_table, p_name, p_definition);
END
$function$;
