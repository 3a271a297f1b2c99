SELECT g.client_group_id, g.some_text AS title, g.any_text AS description, g.any_day AS target_date,
       (ARRAY[1, 5, 3, NULL])[1 + g.n % 4] AS priority, (ARRAY['active', 'achieved', 'modified', 'cancelled'])[1 + g.n % 4] AS status,
       (ARRAY[0, 100, 1, 99])[1 + g.n % 4] AS progress_percentage, g.any_moment AS created_at, g.any_moment AS updated_at,
       g.editor_id AS created_by
  FROM guest AS g
