-- view performance_comparison_dashboard
-- Measured queries against their baselines, newest first (C-057).  performance_trend: NO DATA (nothing compared),
-- SLOWER by x% (out of tolerance), FASTER by x% (faster by more than the tolerance), WITHIN TOLERANCE, or N/A (too few
-- rows to say); a faster query is never out of tolerance (errata E-075, E-113).
-- Tests: tests/sql/test_performance_comparison_dashboard.py
CREATE OR REPLACE VIEW performance_comparison_dashboard AS
SELECT b.test_name,
       b.phase,
       b.baseline_ms,
       b.current_ms,
       b.performance_change_percent,
       b.within_tolerance,
       CASE WHEN b.performance_change_percent IS NULL THEN 'NO DATA'
            WHEN NOT b.within_tolerance THEN 'SLOWER by ' || round(b.performance_change_percent, 1) || '%'
            WHEN b.within_tolerance IS NULL THEN 'N/A'
            WHEN b.performance_change_percent < -t.percent THEN 'FASTER by ' || round(-b.performance_change_percent, 1) || '%'
            ELSE 'WITHIN TOLERANCE' END AS performance_trend,
       b.recorded_at
FROM migration_benchmarks AS b
CROSS JOIN (
    SELECT coalesce((SELECT CASE WHEN c.value ~ '^[0-9]+(\.[0-9]+)?$' THEN c.value::numeric END
                     FROM migration_control AS c
                     WHERE c.setting = 'performance_tolerance_percent'), 15) AS percent
) AS t
ORDER BY b.recorded_at DESC, b.test_name;
COMMENT ON VIEW performance_comparison_dashboard IS 'measured queries against their baselines, with the trend in words';
