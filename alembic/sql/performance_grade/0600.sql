-- function performance_grade(text, numeric)
-- EXCELLENT, GOOD, ACCEPTABLE or POOR for a time in milliseconds under a limit of performance_limits();
-- NULL for no time: nothing measured is graded nothing (errata E-145).
-- Errors: 22023 for an unknown limit.
-- Called by refresh_dense_data_views and the monitoring functions.  Tests: tests/sql/test_performance_grade.py
CREATE OR REPLACE FUNCTION performance_grade(p_limit_name text, p_ms numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_limit record;
BEGIN
    SELECT l.* INTO v_limit FROM performance_limits() AS l WHERE l.limit_name = p_limit_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no limit named "%"', p_limit_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT limit_name FROM performance_limits()';
    END IF;
    RETURN CASE WHEN p_ms < v_limit.excellent_ms THEN 'EXCELLENT'
                WHEN p_ms < v_limit.good_ms THEN 'GOOD'
                WHEN p_ms < v_limit.acceptable_ms THEN 'ACCEPTABLE'
                WHEN p_ms IS NOT NULL THEN 'POOR' END;
END
$body$;
COMMENT ON FUNCTION performance_grade(text, numeric) IS 'Grade of a time in milliseconds under a named limit; NULL for no time';
