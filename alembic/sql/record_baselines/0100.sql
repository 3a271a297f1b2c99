-- function record_baselines(text)
-- Measures every baseline query and keeps the result twice: in full in performance_baselines, and as
-- the phase's row in migration_benchmarks (C-002, C-009, C-092).  One call is one run with its own id,
-- so a second run of a phase never mixes with the first (errata E-115).  Nothing is compared yet, so
-- within_tolerance stays NULL.
-- Called by the gate phase_1.  Tests: tests/sql/test_record_baselines.py
CREATE OR REPLACE FUNCTION record_baselines(p_phase text DEFAULT 'phase_1') RETURNS SETOF performance_baselines
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_run uuid := gen_random_uuid();
BEGIN
    INSERT INTO performance_baselines
        (query_name, run_id, phase, samples, median_ms, p95_ms, min_ms, max_ms, avg_ms, noise_ms,
         plan_shape, buffers, rows_returned)
    SELECT q.query_name, v_run, p_phase, m.samples, m.median_ms, m.p95_ms, m.min_ms, m.max_ms, m.avg_ms,
           m.noise_ms, m.plan_shape, m.buffers, m.rows_returned
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'baseline'
    ORDER BY q.query_name;
    INSERT INTO migration_benchmarks (test_name, phase, baseline_ms, current_ms, run_id)
    SELECT b.query_name, b.phase, b.median_ms, b.median_ms, b.run_id
    FROM performance_baselines AS b
    WHERE b.run_id = v_run
    ORDER BY b.query_name;
    RETURN QUERY
    SELECT b.* FROM performance_baselines AS b WHERE b.run_id = v_run ORDER BY b.query_name;
END
$body$;
COMMENT ON FUNCTION record_baselines(text) IS 'Measures the baseline queries and records the result under one run id';
