SELECT 'rehearsal ' || g.role AS query_name, gen_random_uuid() AS run_id, 'phase_1' AS phase, 2147483647 AS samples, 999999999.999 AS median_ms,
       0.001 AS p95_ms, 0.000 AS min_ms, -0.001 AS max_ms, 1 AS avg_ms, 2 AS noise_ms, g.some_text AS plan_shape,
       coalesce(g.any_number, 3) AS buffers, coalesce(g.any_number, 4) AS rows_returned, coalesce(g.any_moment, now()) AS recorded_at
  FROM guest AS g
