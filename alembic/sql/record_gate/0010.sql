-- function @control@.record_gate(text, text, text, boolean, boolean, text, text)
-- For scripts made with --sql: record one gate check and raise where it is critical and failed.
-- Tests: tests/ddl/test_gate.py
CREATE OR REPLACE FUNCTION @control@.record_gate(
    p_phase text, p_check text, p_severity text, p_ok boolean, p_critical boolean, p_found text, p_reason text
) RETURNS void
LANGUAGE plpgsql
SET search_path = @control@, pg_temp
AS $function$
DECLARE
    v_outcome text := CASE WHEN p_ok THEN 'passed' WHEN p_reason IS NOT NULL THEN 'allowed'
                           WHEN p_critical THEN 'failed' ELSE 'warning' END;
BEGIN
    IF v_outcome = 'failed' THEN
        RAISE EXCEPTION 'the gate of % refuses: % found: %', p_phase, p_check, p_found
            USING ERRCODE = 'KS003', HINT = 'repair what was found, or make the script with -x allow=' || p_check || ':reason';
    ELSIF v_outcome <> 'passed' THEN
        RAISE NOTICE '%: % %: %', v_outcome, p_phase, p_check, p_found;
    END IF;
    INSERT INTO gate_result (phase, check_name, severity, outcome, found, reason)
    VALUES (p_phase, p_check, p_severity, v_outcome, p_found, p_reason);
END
$function$;
