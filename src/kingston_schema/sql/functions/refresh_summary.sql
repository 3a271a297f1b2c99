-- function refresh_summary(text, bigint[])
-- Refreshes one summary, for the given client groups or for all of them (NULL), and returns the row that
-- it wrote to summary_refresh_log (errata E-025, E-070: refreshes have their own log, with true times).
-- Readers are never blocked.  Two refreshes of one portal wait for each other (a transaction advisory
-- lock), so none overwrites newer figures with older ones.
-- Called by the three refresh functions.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_summary(p_summary_name text, p_client_groups bigint[] DEFAULT NULL)
RETURNS summary_refresh_log
LANGUAGE plpgsql VOLATILE
SET search_path = @schema@, pg_temp
AS $body$
DECLARE
    v_started timestamptz;
    v_changed bigint;
    v_log summary_refresh_log;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('summaries of ' || current_schema(), 0));
    v_started := clock_timestamp();
    v_changed := apply_summary(p_summary_name, p_client_groups);
    INSERT INTO summary_refresh_log AS l (summary_name, client_groups, rows_changed, started_at, finished_at)
    VALUES (p_summary_name, cardinality(p_client_groups), v_changed, v_started, clock_timestamp())
    RETURNING l.* INTO v_log;
    RETURN v_log;
END
$body$;
COMMENT ON FUNCTION refresh_summary(text, bigint[]) IS
    'refreshes one summary for some client groups or all, and logs it';
