-- One readable number per owner, and a masked one beside its ciphertext (before there is a column for that: the mask
-- alone, as it stands there after a rollback).
SELECT g.owner_1 AS product_owner_id, (ARRAY['mobile', 'house_phone', 'work', 'other'])[1 + g.n % 4] AS phone_type,
       (ARRAY['07700 900456', '+44 20 7946 0123', '(01632) 960 001', '1234567', '+123456789012345'])[1 + g.n % 5] AS phone_number,
       CASE WHEN g.n % 4 = 3 OR g.n % 2 = 0 THEN 'boat ☃' END AS label, true AS is_primary, coalesce(g.any_moment, now()) AS created_at,
       coalesce(g.any_moment, now()) AS updated_at, g.some_text AS updated_by, (ARRAY['1', '0123456789', NULL])[1 + g.n % 3] AS extension,
       CASE WHEN g.n % 2 = 0 THEN 'phone_3' END AS source_column, NULL AS phone_number_encrypted, NULL AS phone_number_index
  FROM guest AS g
UNION ALL
SELECT g.owner_1, 'mobile', 'XXXXX XXX456', NULL, false, now(), now(), NULL, NULL, NULL,
       'enc:1:99999:' || repeat('B', 38) || '==', 'bidx:1:99999:' || repeat('0f', 16)
  FROM guest AS g
