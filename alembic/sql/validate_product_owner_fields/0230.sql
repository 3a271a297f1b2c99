-- function validate_product_owner_fields(character varying, jsonb)
-- Does an information item carry the owner fields its type asks for?  The rule and its words are in
-- explain_product_owner_fields().  Never NULL, never an error or a warning (errata E-092, E-095, E-097).
-- Called by the rule valid_product_owner_field_pattern of client_information_items.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_product_owner_fields.py
CREATE OR REPLACE FUNCTION validate_product_owner_fields(p_item_type character varying, p_data jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN explain_product_owner_fields(p_item_type, p_data) IS NULL;

COMMENT ON FUNCTION validate_product_owner_fields(character varying, jsonb) IS
    'true when an information item carries the owner fields its type asks for';
