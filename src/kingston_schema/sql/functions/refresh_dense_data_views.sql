-- function refresh_dense_data_views(bigint[])
-- Refreshes client_dense_summary for the given client groups, or for all of them, and reports the time
-- it took, measured, the rows the summary holds afterwards, and a grade (N-085).  A refresh of the whole
-- is kept as benchmark dense_view_refresh, within tolerance below 10 s (C-081, N-086).
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications, schedules and optimize_dense_query_performance.
-- Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_dense_data_views(p_client_groups bigint[] DEFAULT NULL)
RETURNS TABLE (view_name text, refresh_duration_ms numeric, rows_refreshed bigint, performance_rating text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_log summary_refresh_log;
    v_ms numeric;
BEGIN
    v_log := refresh_summary('client_dense_summary', p_client_groups);
    v_ms := round(1000 * extract(epoch FROM v_log.finished_at - v_log.started_at), 3);
    IF p_client_groups IS NULL THEN
        INSERT INTO migration_benchmarks (test_name, phase, current_ms, within_tolerance)
        VALUES ('dense_view_refresh', 'performance', v_ms, v_ms < 10000);
    END IF;
    RETURN QUERY
    SELECT 'client_dense_summary'::text, v_ms,
           (SELECT count(*) FROM client_dense_summary AS s
            WHERE p_client_groups IS NULL OR s.client_group_id = ANY (p_client_groups)),
           CASE WHEN performance_grade('dense_view_refresh', v_ms) = 'POOR' THEN 'NEEDS_OPTIMIZATION'
                ELSE performance_grade('dense_view_refresh', v_ms) END;
END
$body$;
COMMENT ON FUNCTION refresh_dense_data_views(bigint[]) IS
    'refreshes client_dense_summary for some client groups or all; measured time and grade';
REVOKE ALL ON FUNCTION refresh_dense_data_views(bigint[]) FROM PUBLIC;
