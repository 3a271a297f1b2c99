-- function @control@.who_is_in_the_way(integer[])
-- Sessions in words: pid, role, what it does, how long its transaction has been open, its query.  NULL for nobody.
-- What another role's session does is seen by members of pg_read_all_stats only.
-- Called by in_attempts and by the watcher of long waits.  Tests: tests/ddl/test_locks.py
CREATE OR REPLACE FUNCTION @control@.who_is_in_the_way(p_pids integer[]) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
SELECT string_agg(format('pid %s (%s, %s%s): %s', a.pid, coalesce(a.usename::text, a.backend_type, 'another role'),
                         coalesce(a.state, 'at work'),
                         ', for ' || date_trunc('second', clock_timestamp() - a.xact_start)::text,
                         left(regexp_replace(btrim(a.query), '\s+', ' ', 'g'), 100)), '; ' ORDER BY a.xact_start, a.pid)
  FROM pg_stat_activity AS a WHERE a.pid = ANY (p_pids)
$function$;
