SELECT 'phase_2' AS phase, g.some_text AS operation, (ARRAY['started', 'completed', 'rolled_back', 'failed'])[1 + g.n % 4] AS status,
       g.any_text AS error_message, (ARRAY[99999999999.999, -99999999999.999, NULL])[1 + g.n % 3] AS execution_time_seconds,
       g.any_number AS rows_affected, g.any_moment AS started_at, g.any_moment AS completed_at,
       CASE WHEN g.n % 2 = 0 THEN '6fa459ea-ee8a-4ca4-894e-db77e160355e' END AS run_id,
       -- A failure that nobody has dealt with would stop the gates.
       CASE WHEN g.n % 4 = 3 OR g.n > 5 THEN '2026-01-01 00:00:00+00' END AS resolved_at,
       CASE WHEN g.n % 4 = 3 THEN g.some_text END AS resolved_by
  FROM guest AS g
