-- function jsonb_key_count(jsonb)
-- How many top-level keys a JSON object has; NULL for anything that is not an object.
-- Called by the rule valid_data_content of client_information_items (at most 50 keys).  Erratum E-003: a CHECK may
-- neither call a set-returning function nor hold a sub-select, so the members are counted by a path expression.
-- No SET search_path: pg_catalog functions only, bound when the function is created, and inlined into the CHECK.
-- Tests: tests/sql/test_jsonb_key_count.py
CREATE OR REPLACE FUNCTION jsonb_key_count(p_document jsonb) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN jsonb_typeof(p_document) = 'object'
            THEN jsonb_array_length(jsonb_path_query_array(p_document, 'strict $.*')) END;

COMMENT ON FUNCTION jsonb_key_count(jsonb) IS
    'number of top-level keys of a JSON object; NULL for anything else';
