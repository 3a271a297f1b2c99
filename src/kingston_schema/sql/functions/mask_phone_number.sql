-- function mask_phone_number(text)
-- What may be shown of a telephone number: every digit but the last three as X, the writing kept
-- ("+44 7700 900456" -> "+XX XXXX XXX456", document 000 C-070).  A mask stays as it is, so masking twice loses nothing
-- more (erratum E-043).  Called by the view product_owner_phones_secure and by applications before they encrypt.
-- No SET search_path: pg_catalog only.  Tests: tests/sql/test_mask_phone_number.py
CREATE OR REPLACE FUNCTION mask_phone_number(p_phone_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(p_phone_number, '[0-9](?=([^0-9]*[0-9]){3})', 'X', 'g');

COMMENT ON FUNCTION mask_phone_number(text) IS 'a telephone number with every digit but the last three as X';
