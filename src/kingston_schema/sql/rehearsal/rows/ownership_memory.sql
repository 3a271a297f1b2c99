SELECT g.product_id, (ARRAY['{}', '{1,2,9223372036854775807}'])[1 + g.n % 2] AS owner_ids, g.some_json AS ownership_details,
       coalesce(g.any_moment, now()) AS saved_at
  FROM guest AS g
