-- function redacted_value(jsonb)
-- What the row history may keep of a sensitive value: ciphertext as it is, NULL and the empty text as they are
-- (so that NULL -> '' stays visible, erratum E-110), anything else as the marker "[redacted]".
-- Never a plaintext and never a hash of one (E-178).  Called by record_row_history().
-- No SET search_path: the two names outside pg_catalog are bound when the function is created.
-- Tests: tests/sql/test_record_row_history.py
CREATE OR REPLACE FUNCTION redacted_value(p_value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN p_value IS NULL OR p_value = 'null'::jsonb OR p_value = '""'::jsonb THEN p_value
    WHEN is_field_envelope(p_value #>> '{}') THEN p_value
    ELSE '"[redacted]"'::jsonb
END;

COMMENT ON FUNCTION redacted_value(jsonb) IS
    'a sensitive value as the row history may hold it: ciphertext, null and empty text unchanged, else a marker';
