-- function run_performance_test_suite()
-- Four probes, measured and graded (C-059, N-059 to N-062): medians of many runs in fractional milliseconds, rows
-- returned, and a grade; n/a where a probe returned fewer rows than say anything (errata E-145).  The queries stand in
-- benchmark_queries(), the limits in performance_limits().
-- Called by schedules (performance_test_suite).  Tests: tests/sql/test_run_performance_test_suite.py
CREATE OR REPLACE FUNCTION run_performance_test_suite()
RETURNS TABLE (test_name text, execution_time_ms numeric, rows_returned bigint, performance_grade text)
LANGUAGE sql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT q.query_name, m.median_ms, m.rows_returned,
           CASE WHEN m.rows_returned >= q.minimum_rows THEN performance_grade(q.query_name, m.median_ms) ELSE 'n/a' END
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'suite'
    ORDER BY q.query_name
$body$;
COMMENT ON FUNCTION run_performance_test_suite() IS 'four measured probes with grades';
