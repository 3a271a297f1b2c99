-- function expected_objects()
-- Everything that must be there at this phase, phase by phase; expected_<phase>() says what each adds.
-- Called by missing_objects.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION expected_objects()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT e.* FROM expected_legacy() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_2() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_3() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_4() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_5() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_6() AS e
$body$;
COMMENT ON FUNCTION expected_objects() IS 'every object of the portal by name and phase, indexes with their definition';
