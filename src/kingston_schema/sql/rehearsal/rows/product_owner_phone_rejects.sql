SELECT g.owner_1 AS product_owner_id, 'phone' AS source_column, coalesce(g.any_text, '-') AS source_text, g.some_text AS reason,
       coalesce(g.any_moment, now()) AS rejected_at, now() AS resolved_at, g.some_text AS resolved_by, g.any_text AS resolution
  FROM guest AS g
UNION ALL
SELECT g.owner_2, 'phone_1', 'ask ☃', 'no number', now(), NULL, NULL, NULL FROM guest AS g WHERE g.n = 1
