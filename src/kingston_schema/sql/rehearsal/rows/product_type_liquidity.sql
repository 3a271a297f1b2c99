SELECT 'rehearsal ' || g.round || ' ' || g.role AS product_type, g.some_text AS asset_type, (ARRAY['', 'тип ☃', NULL])[1 + g.n % 3] AS asset_subtype,
       coalesce(g.any_moment, now()) AS created_at, coalesce(g.any_moment, now()) AS updated_at
  FROM guest AS g
