-- function mask_sensitive_text(text)
-- What may be shown of a secret: [encrypted] for ciphertext, [hidden] for plaintext, NULL and the empty text as they are.
-- Document 000 (C-071) shows the first 47 characters of a note, which is the note for most of them (erratum E-185).
-- Called by the view client_groups_secure.
-- No SET search_path: the one name outside pg_catalog is bound when the function is created.
-- Tests: tests/sql/test_client_groups_secure.py
CREATE OR REPLACE FUNCTION mask_sensitive_text(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_value IS NULL OR p_value = '' THEN p_value
            WHEN is_field_envelope(p_value) THEN '[encrypted]'
            ELSE '[hidden]' END;

COMMENT ON FUNCTION mask_sensitive_text(text) IS 'a marker instead of a secret: [encrypted] or [hidden]; NULL stays NULL';
