-- function @control@.give_back_grants(text, text)
-- Give a function or view the grants it had when it was dropped; a role that is gone is passed over with a notice.
-- Called by op.run_sql.  Tests: tests/ddl/test_objects.py
CREATE OR REPLACE FUNCTION @control@.give_back_grants(p_kind text, p_identity text) RETURNS void
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    v_statement text;
BEGIN
    FOR v_statement IN
        SELECT s.statement FROM @control@.kept_grants AS k, unnest(k.statements) AS s (statement)
         WHERE k.kind = p_kind AND k.identity = p_identity
    LOOP
        BEGIN
            EXECUTE v_statement;
        EXCEPTION WHEN undefined_object THEN
            RAISE NOTICE 'not given back, the role is gone: %', v_statement;
        END;
    END LOOP;
    DELETE FROM @control@.kept_grants AS k WHERE k.kind = p_kind AND k.identity = p_identity;
END
$function$;
