-- function @control@.take_locks(text[], text)
-- Lock all the tables at once, in the order of their names, in short attempts (in_attempts: settings, messages, cap).
-- Tables that do not exist are passed over.
-- Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION @control@.take_locks(p_tables text[], p_mode text DEFAULT 'ACCESS EXCLUSIVE') RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_tables CONSTANT text[] := ARRAY(SELECT DISTINCT t.name COLLATE "C" FROM unnest(p_tables) AS t (name)
                                       WHERE to_regclass(quote_ident(t.name)) IS NOT NULL ORDER BY 1);
BEGIN
    IF cardinality(v_tables) > 0 THEN
        PERFORM @control@.in_attempts(
            ARRAY(SELECT format('LOCK TABLE ONLY %I IN %s MODE', t.name, p_mode)
                    FROM unnest(v_tables) WITH ORDINALITY AS t (name, ord) ORDER BY t.ord), v_tables, p_mode);
    END IF;
END
$function$;
