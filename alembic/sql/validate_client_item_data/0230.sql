-- function validate_client_item_data(text, jsonb)
-- Does an information item hold what its type asks for?  The rule and its words are in explain_client_item_data().
-- Never NULL, never an error or a warning (errata E-092, E-095, E-097, E-114).
-- Called by the rule valid_item_data_structure of client_information_items (from phase 5 on).
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_client_item_data.py
CREATE OR REPLACE FUNCTION validate_client_item_data(p_item_type text, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN explain_client_item_data(p_item_type, p_data) IS NULL;

COMMENT ON FUNCTION validate_client_item_data(text, jsonb) IS
    'true when the content of an information item is what its type asks for';
