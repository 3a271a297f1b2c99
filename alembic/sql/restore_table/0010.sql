-- function @control@.restore_table(text)
-- Bring a table back from the archive.  True when the table is there afterwards (brought back, or there already
-- because the revision is repeated), false when it has to be created.  A table that somebody made below under the name
-- of an archived one is refused: neither may stand in for the other.
-- Called by op.restore_table_or.  Tests: tests/ddl/test_archive.py
CREATE OR REPLACE FUNCTION @control@.restore_table(p_table text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
BEGIN
    IF to_regclass(format('@schema@.%I', p_table)) IS NOT NULL THEN
        IF to_regclass(format('@archive@.%I', p_table)) IS NOT NULL THEN
            RAISE EXCEPTION 'a table % was made below while the archive holds the table of that name', p_table
                USING ERRCODE = 'KS003',
                      HINT = format('ALTER TABLE %I RENAME TO %I; then run the same command again and bring its rows over',
                                    p_table, left(p_table, 51) || '_made_below');
        END IF;
        RETURN true;
    ELSIF to_regclass(format('@archive@.%I', p_table)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE @archive@.%I SET SCHEMA @schema@', p_table);
    PERFORM @control@.log_movement('restored', p_table, p_table, NULL, NULL);
    RETURN true;
END
$function$;
