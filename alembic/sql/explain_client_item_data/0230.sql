-- function explain_client_item_data(text, jsonb)
-- What is wrong with the content of an information item, in words; NULL when nothing is.  The rule itself (C-044,
-- corrected by E-114: the values count, not the mere presence of a key).  Each type needs at least one of its keys,
-- and each of its keys that is there must hold a value of the right kind:
--   basic_detail          name, address_line_one (text, not blank), date_of_birth (text, a real date YYYY-MM-DD)
--   income_expenditure    amount, annual_gross, monthly_amount (amounts; outgoings may be negative)
--   assets_liabilities    latest_valuation, current_balance, estimated_value (amounts; a debt may be negative)
--   protection            policy_number (text, not blank), coverage_amount, premium (amounts, not negative)
--   vulnerability_health  any object
-- An amount is a JSON number that fits numeric(15,2).  Unknown types pass: the list of types is a rule of its own.
-- Called by validate_client_item_data() and by people (E-095).
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION explain_client_item_data(p_item_type text, p_data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN jsonb_typeof(p_data) IS DISTINCT FROM 'object' THEN 'the content must be a JSON object'
    WHEN p_item_type = 'basic_detail' THEN CASE
        WHEN NOT p_data ?| ARRAY['name', 'address_line_one', 'date_of_birth']
            THEN 'basic_detail needs name, address_line_one or date_of_birth'
        WHEN p_data ? 'name' AND NOT coalesce(p_data -> 'name' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'name must be a text that is not blank'
        WHEN p_data ? 'address_line_one'
             AND NOT coalesce(p_data -> 'address_line_one' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'address_line_one must be a text that is not blank'
        WHEN p_data ? 'date_of_birth'
             AND NOT (coalesce(p_data -> 'date_of_birth' @? 'strict $ ? (@ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")', false)
                      AND coalesce(p_data -> 'date_of_birth' @? 'strict $.datetime("YYYY-MM-DD")', false))
            THEN 'date_of_birth must be a date written YYYY-MM-DD'
        END
    WHEN p_item_type = 'income_expenditure' THEN CASE
        WHEN NOT p_data ?| ARRAY['amount', 'annual_gross', 'monthly_amount']
            THEN 'income_expenditure needs amount, annual_gross or monthly_amount'
        WHEN p_data ? 'amount' AND NOT is_json_amount(p_data -> 'amount')
            THEN 'amount must be a number'
        WHEN p_data ? 'annual_gross' AND NOT is_json_amount(p_data -> 'annual_gross')
            THEN 'annual_gross must be a number'
        WHEN p_data ? 'monthly_amount' AND NOT is_json_amount(p_data -> 'monthly_amount')
            THEN 'monthly_amount must be a number'
        END
    WHEN p_item_type = 'assets_liabilities' THEN CASE
        WHEN NOT p_data ?| ARRAY['latest_valuation', 'current_balance', 'estimated_value']
            THEN 'assets_liabilities needs latest_valuation, current_balance or estimated_value'
        WHEN p_data ? 'latest_valuation' AND NOT is_json_amount(p_data -> 'latest_valuation')
            THEN 'latest_valuation must be a number'
        WHEN p_data ? 'current_balance' AND NOT is_json_amount(p_data -> 'current_balance')
            THEN 'current_balance must be a number'
        WHEN p_data ? 'estimated_value' AND NOT is_json_amount(p_data -> 'estimated_value')
            THEN 'estimated_value must be a number'
        END
    WHEN p_item_type = 'protection' THEN CASE
        WHEN NOT p_data ?| ARRAY['policy_number', 'coverage_amount', 'premium']
            THEN 'protection needs policy_number, coverage_amount or premium'
        WHEN p_data ? 'policy_number'
             AND NOT coalesce(p_data -> 'policy_number' @? 'strict $ ? (@ like_regex "\\S")', false)
            THEN 'policy_number must be a text that is not blank'
        WHEN p_data ? 'coverage_amount'
             AND NOT (is_json_amount(p_data -> 'coverage_amount') AND p_data -> 'coverage_amount' >= '0'::jsonb)
            THEN 'coverage_amount must be a number that is not negative'
        WHEN p_data ? 'premium'
             AND NOT (is_json_amount(p_data -> 'premium') AND p_data -> 'premium' >= '0'::jsonb)
            THEN 'premium must be a number that is not negative'
        END
END;

COMMENT ON FUNCTION explain_client_item_data(text, jsonb) IS
    'what is wrong with the content of an information item, in words; NULL when nothing is';
