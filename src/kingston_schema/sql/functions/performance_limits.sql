-- function performance_limits()
-- The limits that times are graded with, in milliseconds, each with the number of the target it comes
-- from (phase 2 inventory, section 5).  below excellent_ms is EXCELLENT, below good_ms GOOD, below
-- acceptable_ms ACCEPTABLE, else POOR.
-- Called by performance_grade.  Tests: tests/sql/test_performance_grade.py
CREATE OR REPLACE FUNCTION performance_limits()
RETURNS TABLE (limit_name text, excellent_ms numeric, good_ms numeric, acceptable_ms numeric, source text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
VALUES ('client_ownership_retrieval'::text, 100::numeric, 500::numeric, 2000::numeric, 'N-059'::text),
       ('json_ownership_queries', 50, 200, 1000, 'N-060'),
       ('information_items_retrieval', 100, 300, 1500, 'N-061'),
       ('materialized_view_performance', 20, 100, 500, 'N-062'),
       ('dense_view_refresh', 1000, 5000, 15000, 'N-085'),
       ('dense_query', 100, 300, 500, 'N-087')
$body$;
COMMENT ON FUNCTION performance_limits() IS 'Limits in milliseconds that measured times are graded with, and where each comes from';
