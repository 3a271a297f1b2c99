-- function client_item_amount(jsonb)
-- The amount an assets_liabilities item stands for: the first of latest_valuation, current_balance, estimated_value
-- that is an amount (is_json_amount), rounded to the penny; NULL when none is.  The three keys are three ways to
-- state one value, so they are never added up.  Textual amounts do not count (errata E-061, E-114).
-- Called by the view networth_parts.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE FUNCTION client_item_amount(p_data jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(CASE
    WHEN is_json_amount(p_data -> 'latest_valuation') THEN (p_data -> 'latest_valuation')::numeric
    WHEN is_json_amount(p_data -> 'current_balance') THEN (p_data -> 'current_balance')::numeric
    WHEN is_json_amount(p_data -> 'estimated_value') THEN (p_data -> 'estimated_value')::numeric
END, 2);

COMMENT ON FUNCTION client_item_amount(jsonb) IS
    'amount of an assets_liabilities item: latest_valuation, else current_balance, else estimated_value; JSON numbers only';
