SELECT left('rehearsal ' || g.round || ' ' || g.role, 50) AS monitoring_type, 2147483647 AS frequency_minutes, g.any_moment AS last_executed,
       CASE WHEN g.n % 2 = 0 THEN 'infinity' END AS next_execution, false AS active
  FROM guest AS g
