SELECT 'rehearsal ' || g.role AS summary_name, g.any_whole AS client_groups, coalesce(g.any_number, 0) AS rows_changed,
       coalesce(g.any_moment, now()) AS started_at, coalesce(g.any_moment, now()) AS finished_at
  FROM guest AS g
