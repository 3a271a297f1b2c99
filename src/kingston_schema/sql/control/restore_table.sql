-- function @control@.restore_table(text)
-- Bring a table back from the archive.  True when the table is there afterwards (brought back, or there already
-- because the revision is repeated), false when it has to be created.
-- Called by op.restore_table_or.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.restore_table(p_table text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    IF to_regclass(format('@schema@.%I', p_table)) IS NOT NULL THEN
        RETURN true;
    ELSIF to_regclass(format('@archive@.%I', p_table)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE @archive@.%I SET SCHEMA @schema@', p_table);
    PERFORM @control@.log_movement('restored', p_table, p_table, NULL, NULL);
    RETURN true;
END
$function$;
