-- function check_phone_encryption()
-- State of a telephone number when it is written:
--   no key active, or encryption_enabled false   the number stands in phone_number, readable
--   encryption on and an encryption key active   phone_number holds the mask, phone_number_encrypted the number
--   always                                       a mask needs its ciphertext: the number would be lost (E-043);
--                                                ciphertext never stands beside a readable number (E-185): a CHECK too,
--                                                but that one would print the row, and the number, into the log
-- Errors: 23514, constraints phone_mask_has_ciphertext, chk_phone_masked_when_encrypted and phone_number_is_encrypted;
-- no message holds a number.
-- SECURITY DEFINER: a writer needs no right on encryption_keys or migration_control.
-- Called by the triggers product_owner_phones_encryption_*.  Tests: tests/sql/test_check_phone_encryption.py
CREATE OR REPLACE FUNCTION check_phone_encryption() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
BEGIN
    IF NEW.phone_number LIKE '%X%' THEN
        IF NEW.phone_number_encrypted IS NULL THEN
            RAISE EXCEPTION 'phone_number holds a mask, but phone_number_encrypted no number'
                USING ERRCODE = '23514', CONSTRAINT = 'phone_mask_has_ciphertext',
                      TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                      HINT = 'write the encrypted number together with its mask';
        END IF;
    ELSIF NEW.phone_number_encrypted IS NOT NULL THEN
        RAISE EXCEPTION 'phone_number holds a readable number beside its ciphertext'
            USING ERRCODE = '23514', CONSTRAINT = 'chk_phone_masked_when_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'write mask_phone_number(number) to phone_number; for a new number its ciphertext, or NULL, as well';
    ELSIF EXISTS (SELECT 1 FROM encryption_keys AS k WHERE k.purpose = 'encryption' AND k.status = 'active')
          AND feature_enabled('encryption_enabled') THEN
        RAISE EXCEPTION 'a telephone number must be written encrypted: a key is active and encryption_enabled is not false'
            USING ERRCODE = '23514', CONSTRAINT = 'phone_number_is_encrypted',
                  TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
                  HINT = 'write the ciphertext to phone_number_encrypted and mask_phone_number(number) to phone_number';
    END IF;
    RETURN NEW;
END
$body$;

COMMENT ON FUNCTION check_phone_encryption() IS
    'trigger: a telephone number is readable or masked beside its ciphertext, as keys and settings demand';
REVOKE ALL ON FUNCTION check_phone_encryption() FROM PUBLIC;
