SELECT g.client_group_id, g.some_text AS asset_type, (ARRAY['', 'тип ☃', NULL])[1 + g.n % 3] AS asset_subtype,
       1 + g.n % 10 AS custom_liquidity_rank, g.any_text AS reason_for_customization, g.some_text AS approved_by, g.any_moment AS created_at
  FROM guest AS g
