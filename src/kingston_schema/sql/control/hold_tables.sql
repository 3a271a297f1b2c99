-- function @control@.hold_tables(text[], text, boolean)
-- Lock all the tables (p_keys: and those tied to them by foreign keys) for several short steps of one transaction.
-- Until its end none of these steps waits for a lock: whoever waits there would hold what is locked here (in_attempts).
-- Called by op.lock_tables.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION @control@.hold_tables(p_tables text[], p_mode text, p_keys boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    PERFORM @control@.take_locks(CASE WHEN p_keys THEN @control@.tied_by_keys(p_tables) ELSE p_tables END, p_mode);
    PERFORM set_config('kingston.locked', 'yes', true);
END
$function$;
