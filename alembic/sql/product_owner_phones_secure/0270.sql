-- view product_owner_phones_secure
-- Telephone numbers, masked.  Never decrypts, shows no more than its reader may see in the table (security_invoker).
-- Document 000 calls it product_ownership_phone_secure, over a table that exists nowhere (errata E-021, E-158).
-- Tests: tests/sql/test_product_owner_phones_secure.py
CREATE OR REPLACE VIEW product_owner_phones_secure WITH (security_invoker = true, security_barrier = true) AS
SELECT p.id,
       p.product_owner_id,
       p.phone_type,
       mask_phone_number(p.phone_number) AS phone_number,
       p.label,
       p.is_primary,
       p.phone_number_encrypted IS NOT NULL AS encrypted,
       p.created_at,
       p.updated_at
FROM product_owner_phones AS p;

COMMENT ON VIEW product_owner_phones_secure IS 'telephone numbers of product owners, masked';
