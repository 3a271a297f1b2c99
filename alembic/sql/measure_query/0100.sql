-- function measure_query(text, integer)
-- Measures one query of benchmark_queries() by running it p_runs times (3 to 101) after one warm-up
-- run, and returns fractional milliseconds, the shape of its plan and the buffers it touched.
-- Times are the server's own execution times from EXPLAIN ANALYZE, without per-node clocks, so neither
-- the network nor the reading of a clock is in them (errata E-012, E-071, E-074, E-137, E-145, E-146).
-- noise_ms is the same query against itself: the largest of the difference between the medians of odd
-- and even runs, of first and second half, and the quartile distance.
-- A query that is slow ends after three runs once three seconds are used up; samples says how many ran.
-- Errors: 22023 for an unknown name or an impossible number of runs.
-- Called by record_baselines, compare_benchmark and the monitoring functions.
-- Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION measure_query(p_query_name text, p_runs integer DEFAULT 15)
RETURNS TABLE (samples integer, median_ms numeric, p95_ms numeric, min_ms numeric, max_ms numeric,
               avg_ms numeric, noise_ms numeric, plan_shape text, buffers bigint, rows_returned bigint)
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    c_budget CONSTANT interval := interval '3 seconds';
    c_least CONSTANT integer := 3;
    v_query text;
    v_plan jsonb;
    v_times float8[] := '{}';
    v_started timestamptz := clock_timestamp();
BEGIN
    SELECT q.query INTO v_query FROM benchmark_queries() AS q WHERE q.query_name = p_query_name;
    IF v_query IS NULL THEN
        RAISE EXCEPTION 'no query named "%" is registered', p_query_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT query_name FROM benchmark_queries()';
    END IF;
    IF p_runs IS NULL OR p_runs NOT BETWEEN 3 AND 101 THEN
        RAISE EXCEPTION 'p_runs is %, but must lie between 3 and 101', coalesce(p_runs::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || v_query INTO v_plan;
    FOR v_run IN 1 .. p_runs LOOP
        EXIT WHEN v_run > least(c_least, p_runs) AND clock_timestamp() - v_started > c_budget;
        EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || v_query INTO v_plan;
        v_times := v_times || (v_plan #>> '{0,Execution Time}')::float8;
    END LOOP;
    RETURN QUERY
    SELECT count(*)::integer,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms)::numeric, 3),
           round(percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms)::numeric, 3),
           round(min(t.ms)::numeric, 3),
           round(max(t.ms)::numeric, 3),
           round(avg(t.ms)::numeric, 3),
           round(greatest(
               abs(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.run % 2 = 1)
                   - percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.run % 2 = 0)),
               abs(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE 2 * t.run <= cardinality(v_times))
                   - percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE 2 * t.run > cardinality(v_times))),
               percentile_cont(0.75) WITHIN GROUP (ORDER BY t.ms) - percentile_cont(0.25) WITHIN GROUP (ORDER BY t.ms)
           )::numeric, 3),
           plan_shape(v_plan),
           (v_plan #>> '{0,Plan,Shared Hit Blocks}')::bigint + (v_plan #>> '{0,Plan,Shared Read Blocks}')::bigint,
           (v_plan #>> '{0,Plan,Actual Rows}')::numeric::bigint
    FROM unnest(v_times) WITH ORDINALITY AS t (ms, run);
END
$body$;
COMMENT ON FUNCTION measure_query(text, integer) IS
    'Measured execution times of a registered query: median, p95, noise, plan shape and buffers';
