-- function refresh_client_complete_summary(bigint[])
-- Refreshes client_complete_summary for the given client groups, or for all of them; returns how many rows
-- it wrote or deleted (0 when everything was right already).
-- SECURITY DEFINER: applications may have it refreshed, and write no summary themselves (granted to portal_app).
-- Called by applications and schedules.  Tests: tests/sql/test_refresh_summary.py
CREATE OR REPLACE FUNCTION refresh_client_complete_summary(p_client_groups bigint[] DEFAULT NULL) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
    SELECT (refresh_summary('client_complete_summary', p_client_groups)).rows_changed
$body$;
COMMENT ON FUNCTION refresh_client_complete_summary(bigint[]) IS
    'refreshes client_complete_summary for some client groups or all; returns the rows it changed';
REVOKE ALL ON FUNCTION refresh_client_complete_summary(bigint[]) FROM PUBLIC;
