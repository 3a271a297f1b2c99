-- Under a name no portal has: the revision reads phone, phone_1, phone_2 and phone_3 and judges what it reads there.
SELECT o.id AS product_owner_id, 'rehearsal' AS source_column, coalesce(g.any_text, '') AS source_text,
       2147483647 AS numbers_found, 2147483640 AS migrated, 3 AS rejected, 4 AS duplicates, coalesce(g.any_moment, now()) AS read_at
  FROM guest AS g CROSS JOIN LATERAL (VALUES (g.owner_1), (g.owner_2)) AS o (id)
