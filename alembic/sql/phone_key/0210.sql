-- function @control@.phone_key(text, text)
-- What two writings of the same telephone number have in common: its digits, with +44 as 0, and the extension.
-- The mask of an encrypted number equals no number.
-- Called by migrate_owner_phones().  Tests: tests/revisions/test_phase_2_owner_phones.py
CREATE OR REPLACE FUNCTION @control@.phone_key(p_number text, p_extension text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(regexp_replace(p_number, '[^0-9+X]', '', 'g'), '^\+44', '0') || ' ' || coalesce(p_extension, '');
