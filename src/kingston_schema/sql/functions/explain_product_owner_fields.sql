-- function explain_product_owner_fields(character varying, jsonb)
-- What is wrong with the owner fields of an information item, in words; NULL when nothing is.  The rule itself:
--   basic_detail, income_expenditure, vulnerability_health: "product_owners", a non-empty array of distinct owner
--     ids (positive whole numbers);
--   assets_liabilities, protection: "associated_product_owners", an object with a known "association_type"; its
--     shares are judged by the ownership rules.
-- Other item types have no owner fields.  Called by validate_product_owner_fields() and by people (erratum E-095: a
-- rule must be silent, the words are asked for).  Errata E-092, E-114, E-157; C-030.
-- The text form of a jsonb array is canonical, so one pattern says "positive whole numbers only"; as keys of an
-- object repeated ids collapse, so comparing the counts finds them: no query per row.
-- No SET search_path: everything is bound when the function is created.
-- Tests: tests/sql/test_validate_product_owner_fields.py
CREATE OR REPLACE FUNCTION explain_product_owner_fields(p_item_type character varying, p_data jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN jsonb_typeof(p_data) IS DISTINCT FROM 'object' THEN 'the content must be a JSON object'
    WHEN p_item_type IN ('basic_detail', 'income_expenditure', 'vulnerability_health') THEN CASE
        WHEN jsonb_typeof(p_data -> 'product_owners') IS DISTINCT FROM 'array'
            THEN p_item_type || ' needs "product_owners", an array of owner ids'
        WHEN (p_data -> 'product_owners')::text !~ '^\[[1-9][0-9]{0,18}(, [1-9][0-9]{0,18})*\]$'
             OR p_data @? 'strict $.product_owners[*] ? (@ > 9223372036854775807)'
            THEN '"product_owners" must hold at least one owner id, and nothing but positive whole numbers'
        WHEN jsonb_key_count(jsonb_object(
                 string_to_array(btrim((p_data -> 'product_owners')::text, '[]'), ', '),
                 string_to_array(btrim((p_data -> 'product_owners')::text, '[]'), ', ')))
             <> jsonb_array_length(p_data -> 'product_owners')
            THEN '"product_owners" names an owner twice'
        END
    WHEN p_item_type IN ('assets_liabilities', 'protection') THEN CASE
        WHEN jsonb_typeof(p_data -> 'associated_product_owners') IS DISTINCT FROM 'object'
            THEN p_item_type || ' needs "associated_product_owners", an ownership object'
        WHEN (p_data #>> '{associated_product_owners,association_type}')
             IN ('individual', 'tenants_in_common', 'joint_ownership') IS NOT TRUE
            THEN '"associated_product_owners" needs an association_type: individual, tenants_in_common or joint_ownership'
        END
END;

COMMENT ON FUNCTION explain_product_owner_fields(character varying, jsonb) IS
    'what is wrong with the owner fields of an information item, in words; NULL when nothing is';
