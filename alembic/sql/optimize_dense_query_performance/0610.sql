-- function optimize_dense_query_performance()
-- Does what helps the dense list and says what it found (C-082): refreshes the summaries when marks are older than an
-- hour (N-089; errata E-025: freshness from our own log), names indexes that are missing or not valid (E-077), and
-- says when the table needs a VACUUM.  Impacts are figures, never words for figures.
-- Tests: tests/sql/test_optimize_dense_query_performance.py
CREATE OR REPLACE FUNCTION optimize_dense_query_performance()
RETURNS TABLE (optimization_action text, status text, performance_impact text, recommendation text)
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_waiting interval := clock_timestamp() - (SELECT min(d.marked_at) FROM summary_dirty AS d);
    v_refreshed record;
    v_lacking text;
    v_dead numeric;
BEGIN
    IF v_waiting > interval '1 hour' THEN
        SELECT max(r.client_groups) AS client_groups, sum(r.rows_changed) AS changed, sum(r.duration_ms) AS ms INTO v_refreshed
        FROM refresh_dirty_summaries() AS r;
        RETURN QUERY SELECT 'Refresh summaries', 'COMPLETED',
            v_refreshed.client_groups || ' client groups, ' || v_refreshed.changed || ' rows in ' || v_refreshed.ms || ' ms',
            'call refresh_dirty_summaries() at least once an hour';
    ELSE
        RETURN QUERY SELECT 'Refresh summaries', 'NOT_NEEDED',
            coalesce('oldest change waits ' || date_trunc('second', v_waiting)::text, 'nothing waits'), NULL::text;
    END IF;
    SELECT string_agg(m.name || ' ' || m.finding, ', ') INTO v_lacking
    FROM missing_objects() AS m WHERE m.kind = 'index' AND m.on_table = 'client_dense_summary';
    RETURN QUERY SELECT 'Index validation', CASE WHEN v_lacking IS NULL THEN 'PASS' ELSE 'WARNING' END,
        coalesce(v_lacking, 'every index of client_dense_summary is there and valid'),
        CASE WHEN v_lacking IS NOT NULL THEN 'build them again: alembic downgrade phase_5, alembic upgrade head' END;
    SELECT round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) INTO v_dead
    FROM pg_stat_user_tables AS s WHERE s.schemaname = current_schema() AND s.relname = 'client_dense_summary';
    RETURN QUERY SELECT 'Dead rows', CASE WHEN v_dead > 20 THEN 'WARNING' ELSE 'PASS' END,
        coalesce(v_dead || ' % of the rows are dead', 'n/a'), CASE WHEN v_dead > 20 THEN 'VACUUM (ANALYZE) client_dense_summary' END;
    RETURN QUERY SELECT 'Paging', 'INFO', q.query_type || ' takes ' || q.avg_execution_ms || ' ms on average',
        'page by key (p_after_id, p_after_value): the same cost at any depth'
    FROM monitor_dense_query_performance() AS q WHERE q.query_type = 'dense_page_by_key';
END
$body$;
COMMENT ON FUNCTION optimize_dense_query_performance() IS 'refreshes stale summaries and reports indexes, dead rows and speed of the dense list';
