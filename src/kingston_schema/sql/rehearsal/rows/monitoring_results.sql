SELECT 'rehearsal ' || g.role AS monitoring_type, coalesce(g.any_moment, now()) AS executed_at, (ARRAY['completed', 'failed'])[1 + g.n % 2] AS status,
       CASE WHEN g.n % 3 > 0 THEN g.some_json END AS results, (ARRAY['INFO', 'WARNING'])[1 + g.n % 2] AS alert_level
  FROM guest AS g
