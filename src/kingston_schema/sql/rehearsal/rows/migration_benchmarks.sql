SELECT g.some_text AS test_name, 'phase_4' AS phase, CASE WHEN g.n % 3 > 0 THEN 999999999.999 END AS baseline_ms,
       CASE WHEN g.n % 3 > 0 THEN 0.001 * g.n END AS current_ms,
       CASE WHEN g.n % 3 > 0 THEN -9999999999.99 END AS performance_change_percent,
       CASE WHEN g.n % 3 > 0 THEN g.n % 2 = 0 END AS within_tolerance, g.any_moment AS recorded_at,
       CASE WHEN g.n % 2 = 0 THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff' END AS run_id
  FROM guest AS g
