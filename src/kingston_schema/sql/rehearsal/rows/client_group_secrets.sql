SELECT g.client_group_id, (ARRAY['enc:1:1:' || repeat('A', 40), 'käse ☃', '', NULL])[1 + g.n % 4] AS security_word,
       (ARRAY[NULL, 'enc:1:99999:' || repeat('B', 38) || '==', 'plain'])[1 + g.n % 3] AS private_notes,
       (ARRAY['{"a": 1}', NULL])[1 + g.n % 2] AS sensitive_data, coalesce(g.any_moment, now()) AS created_at,
       coalesce(g.any_moment, now()) AS updated_at, g.some_text AS updated_by
  FROM guest AS g
