-- function refresh_dirty_summaries()
-- Refreshes the three summaries for the client groups that changed since they were last refreshed, and
-- returns one row per summary; no rows when nothing changed.
-- The marks are deleted first and the figures computed in a later statement: a change that commits in
-- between leaves its own mark behind, so none is lost.  When more than a fifth of the groups changed,
-- everything is refreshed instead, which costs less.
-- While revision phase_6_summaries is filling the summaries, it does nothing: the fill would wait for it, and refreshes at
-- its end what is marked by then.
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications, schedules, run_due_monitoring and fill_summaries.
-- Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_dirty_summaries()
RETURNS TABLE (summary_name text, client_groups integer, rows_changed bigint, duration_ms numeric)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    v_groups bigint[];
    v_dirty integer;
BEGIN
    IF EXISTS (SELECT 1 FROM @control@.backfill_progress AS p WHERE p.step = 'fill_summaries' AND p.finished_at IS NULL) THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('summaries of ' || current_schema(), 0));
    WITH taken AS (DELETE FROM summary_dirty AS d RETURNING d.client_group_id)
    SELECT array_agg(DISTINCT t.client_group_id) INTO v_groups FROM taken AS t;
    v_dirty := cardinality(v_groups);
    IF v_dirty IS NULL THEN
        RETURN;
    END IF;
    IF v_dirty > 1000 AND 5 * v_dirty > (SELECT count(*) FROM client_groups AS g) THEN
        v_groups := NULL;
    END IF;
    RETURN QUERY
    SELECT l.summary_name::text, v_dirty, l.rows_changed,
           round(1000 * extract(epoch FROM l.finished_at - l.started_at), 3)
    FROM unnest(ARRAY['client_complete_summary', 'client_ownership_summary', 'client_dense_summary']) AS n (name)
    CROSS JOIN LATERAL refresh_summary(n.name, v_groups) AS l;
END
$body$;
COMMENT ON FUNCTION refresh_dirty_summaries() IS
    'refreshes the three summaries for the client groups that changed since the last refresh';
REVOKE ALL ON FUNCTION refresh_dirty_summaries() FROM PUBLIC;
