-- function monitor_dense_query_performance()
-- How fast the dense list is, measured now (C-082, N-087; errata E-135, E-136, E-152: no constants, windows of up to a
-- thousand rows).  query_count is the number of runs behind the figures; performance_status is n/a where the list has
-- too few rows to say anything.
-- Tests: tests/sql/test_monitor_dense_query_performance.py
CREATE OR REPLACE FUNCTION monitor_dense_query_performance()
RETURNS TABLE (query_type text, avg_execution_ms numeric, max_execution_ms numeric, query_count bigint,
               performance_status text)
LANGUAGE sql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT q.query_name, m.avg_ms, m.max_ms, m.samples::bigint,
           CASE WHEN m.rows_returned >= q.minimum_rows THEN performance_grade('dense_query', m.avg_ms) ELSE 'n/a' END
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'dense'
    ORDER BY q.query_name
$body$;
COMMENT ON FUNCTION monitor_dense_query_performance() IS 'measured speed of the queries behind the dense list';
