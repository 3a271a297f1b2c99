SELECT 'rehearsal ' || g.round || ' ' || g.role AS asset_type, (ARRAY['', 'тип ☃', NULL])[1 + g.n % 3] AS asset_subtype,
       1 + g.n % 10 AS default_liquidity_rank, g.any_text AS liquidity_description, g.any_whole AS business_days_to_liquidate,
       false AS is_system_default, g.any_moment AS created_at, g.any_moment AS updated_at
  FROM guest AS g
