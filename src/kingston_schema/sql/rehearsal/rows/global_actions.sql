SELECT g.some_text || ' ' || g.round || ' ' || g.role AS action_name, g.any_text AS description,
       (ARRAY['advisor', 'client'])[1 + g.n % 2] AS owner, g.n % 2 = 0 AS active, g.any_day AS target_date,
       coalesce(g.any_moment, now()) AS created_at, coalesce(g.any_moment, now()) AS updated_at, g.editor_id AS created_by
  FROM guest AS g
