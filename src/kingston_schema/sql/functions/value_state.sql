-- function value_state(jsonb)
-- What the audit says of a value without telling it: absent (NULL), empty (the empty text) or present.
-- It stands where document 000 puts an MD5 of the secret, which a short word list reverses (erratum E-178), and keeps
-- NULL apart from the empty text (E-110).
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_audit_product_owner_changes.py
CREATE OR REPLACE FUNCTION value_state(p_value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_value IS NULL OR p_value = 'null'::jsonb THEN 'absent'
            WHEN p_value = '""'::jsonb THEN 'empty' ELSE 'present' END;

COMMENT ON FUNCTION value_state(jsonb) IS 'absent, empty or present: what an audit may say of a sensitive value';
