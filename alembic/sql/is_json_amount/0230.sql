-- function is_json_amount(jsonb)
-- Is this JSON value a number that fits an amount of money, numeric(15,2)?  Text such as "1,250", null and a missing
-- key are not; never NULL, never an error.  Errata E-061, E-092, E-114.
-- Called by explain_client_item_data() and client_item_amount(), so what the rule accepts is what net worth counts.
-- CASE keeps the cast away from values that are no numbers (the order of AND is not promised).
-- No SET search_path: pg_catalog functions only, bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION is_json_amount(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_value) = 'number'
            THEN abs(round(p_value::numeric, 2)) < 10000000000000
            ELSE false END;

COMMENT ON FUNCTION is_json_amount(jsonb) IS
    'true for a JSON number that fits numeric(15,2), false for anything else';
