-- function is_field_envelope(text)
-- Is this text an encrypted field value?  Envelope: enc:1:<key version>:<base64 of nonce 12, ciphertext, tag 16>.
-- Structure only: whether it decrypts is known to the holder of the key alone (the database never has one).
-- Called by the CHECKs and triggers of the encrypted fields and by redacted_value().  Errata E-039, E-184, E-192.
-- No SET search_path: pg_catalog operators only, and the clause would cost more than the test.
-- Tests: tests/sql/test_is_field_envelope.py
CREATE OR REPLACE FUNCTION is_field_envelope(p_value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN p_value OPERATOR(pg_catalog.~)
    '^enc:1:[1-9][0-9]{0,4}:([A-Za-z0-9+/]{4}){9,}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$';

COMMENT ON FUNCTION is_field_envelope(text) IS
    'true when the text is an encrypted field envelope (enc:1:<key version>:<base64>); NULL stays NULL';
