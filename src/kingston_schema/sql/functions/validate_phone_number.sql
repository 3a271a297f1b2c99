-- function validate_phone_number(text)
-- Is this text a telephone number?  An optional +, then digits, blanks, brackets, dots and hyphens, 7 to 25 characters
-- with 7 to 15 digits among them (E.164).  False for NULL.  The same rule as the CHECK chk_phone_format of
-- product_owner_phones, which also lets the mask of an encrypted number stand (see mask_phone_number).
-- Called by applications before they write; errata E-034, E-111, E-172.
-- No SET search_path: pg_catalog only, and the clause would cost more than the test.
-- Tests: tests/sql/test_validate_phone_number.py
CREATE OR REPLACE FUNCTION validate_phone_number(p_phone_number text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(p_phone_number ~ '^\+?[0-9 ().-]{7,25}$' AND length(p_phone_number) <= 25
                AND length(regexp_replace(p_phone_number, '[^0-9]', '', 'g')) BETWEEN 7 AND 15, false);

COMMENT ON FUNCTION validate_phone_number(text) IS
    'whether a text is a telephone number: optional +, digits with separators, 7 to 15 digits';
