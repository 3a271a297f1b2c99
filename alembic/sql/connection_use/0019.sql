-- function connection_use()
-- How many client connections the whole server has, how many an ordinary role may open, and the share
-- in percent.  Idle sessions count as well, because max_connections counts them (errata E-138, E-167).
-- Sessions of other roles are visible without privileges except for their backend_type, so a session
-- of unknown type counts as a client.
-- Called by the gates pre_migration and phase_1 and by the monitoring functions.
-- Tests: tests/sql/test_connection_use.py
CREATE OR REPLACE FUNCTION connection_use()
RETURNS TABLE (used integer, usable integer, percent numeric)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT n.used, n.usable, round(100.0 * n.used / nullif(n.usable, 0), 1)
    FROM (
        SELECT
            (SELECT count(*)::integer
             FROM pg_stat_activity AS a
             WHERE a.datid IS NOT NULL AND a.usesysid IS NOT NULL
               AND coalesce(a.backend_type, 'client backend') = 'client backend') AS used,
            current_setting('max_connections')::integer
                - current_setting('superuser_reserved_connections')::integer
                - coalesce(nullif(current_setting('reserved_connections', true), '')::integer, 0) AS usable
    ) AS n
$body$;
COMMENT ON FUNCTION connection_use() IS
    'Client connections of the whole server, how many are usable, and the share in percent';
