-- function compare_with_baselines(text)
-- Measures every registered query again and compares it: baselines with the latest run of phase 1, probes
-- with their limit.  Writes and returns one row of migration_benchmarks per query, and keeps the whole
-- measurement in performance_baselines under the given phase and one run id (C-041, errata E-011, E-115).
-- Slower counts only when the difference is beyond performance_tolerance_percent of the baseline, beyond
-- the noise of either measurement, and beyond 5 ms (errata E-074, E-075); and it is measured again, up to
-- twice, before it is believed.  within_tolerance is NULL where it cannot be told: a query that returned
-- fewer rows than its minimum (E-145), or a baseline that was never measured.
-- Called by the gate phase_4 and by schedules.  Tests: tests/sql/test_compare_with_baselines.py
CREATE OR REPLACE FUNCTION compare_with_baselines(p_phase text) RETURNS SETOF migration_benchmarks
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    c_floor_ms CONSTANT numeric := 5;
    v_run uuid := gen_random_uuid();
    v_tolerance numeric := coalesce((SELECT CASE WHEN c.value ~ '^[0-9]+(\.[0-9]+)?$' THEN c.value::numeric END
                                     FROM migration_control AS c
                                     WHERE c.setting = 'performance_tolerance_percent'), 15);
    v_query record;
    v_before performance_baselines;
    v_now record;
    v_again record;
    v_slower boolean;
BEGIN
    FOR v_query IN SELECT q.* FROM benchmark_queries() AS q ORDER BY q.query_name LOOP
        v_before := NULL;
        SELECT b.* INTO v_before FROM performance_baselines AS b
        WHERE b.query_name = v_query.query_name AND b.phase = 'phase_1' AND v_query.kind = 'baseline'
        ORDER BY b.recorded_at DESC, b.id DESC
        LIMIT 1;
        SELECT m.* INTO v_now FROM measure_query(v_query.query_name) AS m;
        FOR v_attempt IN 1 .. 3 LOOP
            v_slower := CASE WHEN v_query.kind = 'baseline' THEN
                v_now.median_ms - v_before.median_ms
                    > greatest(c_floor_ms, v_before.median_ms * v_tolerance / 100, v_before.noise_ms, v_now.noise_ms)
                ELSE v_now.median_ms >= v_query.limit_ms END;
            EXIT WHEN v_slower IS NOT TRUE OR v_attempt = 3;
            SELECT m.* INTO v_again FROM measure_query(v_query.query_name) AS m;
            IF v_again.median_ms < v_now.median_ms THEN
                v_now := v_again;
            END IF;
        END LOOP;
        INSERT INTO performance_baselines
            (query_name, run_id, phase, samples, median_ms, p95_ms, min_ms, max_ms, avg_ms, noise_ms, plan_shape,
             buffers, rows_returned)
        VALUES (v_query.query_name, v_run, p_phase, v_now.samples, v_now.median_ms, v_now.p95_ms, v_now.min_ms,
                v_now.max_ms, v_now.avg_ms, v_now.noise_ms, v_now.plan_shape, v_now.buffers, v_now.rows_returned);
        RETURN QUERY
        INSERT INTO migration_benchmarks AS b
            (test_name, phase, baseline_ms, current_ms, performance_change_percent, within_tolerance, run_id)
        VALUES (v_query.query_name, p_phase, v_before.median_ms, v_now.median_ms,
                round(100 * (v_now.median_ms - v_before.median_ms) / nullif(v_before.median_ms, 0), 2),
                CASE WHEN greatest(v_now.rows_returned, v_before.rows_returned) >= v_query.minimum_rows THEN NOT v_slower END,
                v_run)
        RETURNING b.*;
    END LOOP;
END
$body$;
COMMENT ON FUNCTION compare_with_baselines(text) IS
    'measures the registered queries and compares them with the baselines of phase 1 or their limits; one row per query';
