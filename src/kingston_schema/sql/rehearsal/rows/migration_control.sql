SELECT 'rehearsal ' || g.round || ' ' || g.role AS setting, g.some_text AS value, g.any_text AS description, g.any_moment AS updated_at
  FROM guest AS g
