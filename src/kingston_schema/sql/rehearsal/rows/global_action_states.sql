SELECT a.id AS global_action_id, g.client_group_id, CASE WHEN g.n % 4 > 0 THEN g.editor_id END AS last_edited_by,
       (ARRAY['outstanding', 'completed', 'cancelled'])[1 + g.n % 3] AS status,
       CASE WHEN g.n % 3 = 1 THEN coalesce(g.any_moment, now()) END AS completed_at,
       coalesce(g.any_moment, now()) AS created_at, coalesce(g.any_moment, now()) AS updated_at
  FROM guest AS g
  JOIN global_actions AS a ON a.action_name LIKE '% ' || g.round || ' ' || g.role OR a.action_name LIKE '% ' || g.round || ' stays'
