-- procedure @control@.settle_phone_ciphertexts()
-- After the ciphertext of telephone numbers came back from the archive: where a number was rewritten below, the newer
-- one holds (design section 7).  The row with the older ciphertext is copied to quarantine, then loses it.
-- Called by op.backfill in revision phase_2_field_encryption, before the rules that demand it.
-- Tests: tests/revisions/test_phase_2_field_encryption.py
CREATE OR REPLACE PROCEDURE @control@.settle_phone_ciphertexts()
LANGUAGE plpgsql
SET search_path = @schema@, pg_temp
AS $function$
DECLARE
    c_stale CONSTANT text := 't.phone_number_encrypted IS NOT NULL AND t.phone_number NOT LIKE ''%X%''';
BEGIN
    IF @control@.quarantine_rows('product_owner_phones', c_stale,
                                 quote_literal('the number was rewritten below'),
                                 ARRAY['phone_number_encrypted', 'phone_number_index']) > 0 THEN
        UPDATE product_owner_phones AS t SET phone_number_encrypted = NULL, phone_number_index = NULL
         WHERE t.phone_number_encrypted IS NOT NULL AND t.phone_number NOT LIKE '%X%';
    END IF;
END
$function$;
