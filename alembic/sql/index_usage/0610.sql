-- view index_usage
-- How often each index was read since the statistics began, its size, and a verdict: NOT VALID (a failed build),
-- NEEDED (it backs a constraint), USED, UNUSED, or TOO EARLY while the statistics are younger than seven days,
-- because an index that serves a weekly report is not unused after a day.
-- Called by run_due_monitoring (index_usage_analysis).  Tests: tests/sql/test_index_usage.py
CREATE OR REPLACE VIEW index_usage AS
SELECT s.relname::text AS table_name,
       s.indexrelname::text AS index_name,
       s.idx_scan AS scans,
       pg_relation_size(s.indexrelid) AS bytes,
       CASE WHEN NOT (i.indisvalid AND i.indisready) THEN 'NOT VALID'
            WHEN i.indisunique THEN 'NEEDED'
            WHEN s.idx_scan > 0 THEN 'USED'
            WHEN coalesce(d.stats_reset, pg_postmaster_start_time()) > clock_timestamp() - interval '7 days' THEN 'TOO EARLY'
            ELSE 'UNUSED' END AS verdict
FROM pg_stat_user_indexes AS s
JOIN pg_index AS i ON i.indexrelid = s.indexrelid
CROSS JOIN (SELECT b.stats_reset FROM pg_stat_database AS b WHERE b.datname = current_database()) AS d
WHERE s.schemaname = current_schema();
COMMENT ON VIEW index_usage IS 'how often each index is read, its size, and whether it is needed, used or unused';
