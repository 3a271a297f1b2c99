SELECT g.client_group_id, g.some_text AS action_name, g.any_text AS description, (ARRAY['advisor', 'client'])[1 + g.n % 2] AS owner,
       (ARRAY['outstanding', 'completed', 'cancelled'])[1 + g.n % 3] AS status, g.n % 2 = 0 AS active, g.any_day AS target_date,
       CASE WHEN g.n % 3 = 1 THEN coalesce(g.any_moment, now()) END AS completed_at, g.any_moment AS created_at,
       g.any_moment AS updated_at, g.editor_id AS created_by
  FROM guest AS g
