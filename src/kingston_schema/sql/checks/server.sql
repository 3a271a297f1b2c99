-- checks server
-- The server and this database, before, after and when it goes live (documents 000 and 001, C-006, C-008, C-023, C-135).
-- Every query gives one row (ok, found, keys); ok NULL: it cannot be known here, and is said to be unknown.
-- Run by kingston check.  Tests: tests/operations/test_check.py

-- check: server_version
-- stages: pre post go-live
-- severity: critical
-- needed: PostgreSQL 15 to 18
-- fix: upgrade the server, or take a version of this package that knows it
SELECT current_setting('server_version_num')::integer BETWEEN 150000 AND 189999 AS ok,
       'PostgreSQL ' || current_setting('server_version') AS found, NULL::text[] AS keys;

-- check: primary
-- stages: pre post go-live
-- severity: critical
-- needed: a primary that may be written
-- fix: point DATABASE_URL at the primary
SELECT NOT pg_is_in_recovery() AND NOT current_setting('default_transaction_read_only')::boolean AS ok,
       CASE WHEN pg_is_in_recovery() THEN 'a standby' WHEN current_setting('default_transaction_read_only')::boolean
            THEN 'read-only by default_transaction_read_only' ELSE 'a primary' END AS found, NULL::text[] AS keys;

-- check: encoding
-- stages: pre go-live
-- severity: warning
-- needed: UTF8
-- fix: names outside that encoding cannot be stored; dump and restore into a UTF8 database
SELECT current_setting('server_encoding') = 'UTF8' AS ok, current_setting('server_encoding') AS found, NULL::text[] AS keys;

-- check: durability
-- stages: pre go-live
-- severity: critical
-- needed: fsync, full_page_writes and synchronous_commit on
-- fix: ALTER SYSTEM RESET fsync (full_page_writes, synchronous_commit); SELECT pg_reload_conf()
SELECT count(*) = 0 AS ok, coalesce('off: ' || string_agg(s.name, ', ' ORDER BY s.name), 'all on') AS found,
       array_agg(s.name::text ORDER BY s.name) AS keys
FROM pg_settings AS s
WHERE s.name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND s.setting = 'off';

-- check: autovacuum
-- stages: pre post go-live
-- severity: warning
-- needed: autovacuum and track_counts on
-- fix: ALTER SYSTEM RESET autovacuum; SELECT pg_reload_conf()
SELECT current_setting('autovacuum')::boolean AND current_setting('track_counts')::boolean AS ok,
       'autovacuum ' || current_setting('autovacuum') || ', track_counts ' || current_setting('track_counts') AS found,
       NULL::text[] AS keys;

-- check: maintenance_work_mem
-- stages: pre
-- severity: warning
-- needed: 64 MB or more: indexes are built with it
-- fix: ALTER ROLE <the migrating role> SET maintenance_work_mem = '256MB'
SELECT pg_size_bytes(current_setting('maintenance_work_mem')) >= 64 * 1024 * 1024 AS ok,
       current_setting('maintenance_work_mem') AS found, NULL::text[] AS keys;

-- check: statement_timeout
-- stages: pre
-- severity: warning
-- needed: none for the migrating role; runs of kingston and alembic set their own
-- fix: ALTER ROLE <the migrating role> SET statement_timeout = 0
SELECT current_setting('statement_timeout') = '0' AS ok, 'statement_timeout ' || current_setting('statement_timeout') AS found,
       NULL::text[] AS keys;

-- check: wal_archiving
-- stages: pre go-live
-- severity: warning
-- needed: wal_level replica or logical and archiving on, for recovery to a point in time
-- fix: ALTER SYSTEM SET archive_mode = on, set archive_command, restart
SELECT current_setting('wal_level') <> 'minimal' AND current_setting('archive_mode') <> 'off' AS ok,
       'wal_level ' || current_setting('wal_level') || ', archive_mode ' || current_setting('archive_mode') AS found,
       NULL::text[] AS keys;

-- check: connections
-- stages: pre go-live
-- severity: critical
-- needed: less than 80 % of the connections in use
-- fix: end idle sessions, or raise max_connections
SELECT 100 * u.used < 80 * u.usable AS ok, u.used || ' of ' || u.usable || ' in use' AS found, NULL::text[] AS keys
FROM (SELECT count(*) AS used,
             current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer AS usable
      FROM pg_stat_activity WHERE backend_type = 'client backend') AS u;

-- check: pool
-- stages: pre
-- severity: warning
-- needed: at most four sessions at work besides this one: the portal is planned for four users
-- fix: wait, or migrate all the same: the portal stays in use
SELECT count(*) <= 4 AS ok, count(*) || ' sessions at work in this database' AS found,
       array_agg('pid ' || a.pid || ' ' || coalesce(a.usename, '') ORDER BY a.pid) AS keys
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.state <> 'idle' AND a.pid <> pg_backend_pid();

-- check: long_transactions
-- stages: pre go-live
-- severity: critical
-- needed: no transaction older than five minutes: locks and index builds wait for it
-- fix: SELECT pg_terminate_backend(<pid>), after asking whose it is
SELECT count(*) = 0 AS ok,
       coalesce('oldest: pid ' || (array_agg(a.pid ORDER BY a.xact_start))[1] || ' for '
                || date_trunc('second', max(clock_timestamp() - a.xact_start)), 'none') AS found,
       array_agg('pid ' || a.pid ORDER BY a.xact_start) AS keys
FROM pg_stat_activity AS a
WHERE a.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND clock_timestamp() - a.xact_start > interval '5 minutes';

-- check: old_snapshots
-- stages: pre go-live
-- severity: warning
-- needed: no snapshot held for more than a million transactions (sessions, slots, prepared transactions)
-- fix: end the session, drop the replication slot, or finish the prepared transaction that holds it
SELECT count(*) = 0 AS ok, coalesce(string_agg(h.what, ', '), 'none') AS found, array_agg(h.what) AS keys
FROM (SELECT 'pid ' || a.pid AS what, age(a.backend_xmin) AS held FROM pg_stat_activity AS a
      UNION ALL SELECT 'slot ' || s.slot_name, greatest(age(s.xmin), age(s.catalog_xmin)) FROM pg_replication_slots AS s
      UNION ALL SELECT 'prepared ' || p.gid, age(p.transaction) FROM pg_prepared_xacts AS p) AS h
WHERE h.held > 1000000;

-- check: prepared_transactions
-- stages: pre go-live
-- severity: critical
-- needed: none in this database: their locks outlive every session
-- fix: COMMIT PREPARED or ROLLBACK PREPARED '<gid>'
SELECT count(*) = 0 AS ok, coalesce(string_agg(p.gid, ', '), 'none') AS found, array_agg(p.gid) AS keys
FROM pg_prepared_xacts AS p WHERE p.database = current_database();

-- check: replication
-- stages: pre post go-live
-- severity: warning
-- needed: every standby within 64 MB, every slot in use
-- fix: look at pg_stat_replication and pg_replication_slots; drop a slot nobody uses
SELECT count(*) = 0 AS ok, coalesce(string_agg(r.what, ', '), 'no standby behind, no idle slot') AS found, array_agg(r.what) AS keys
FROM (SELECT 'standby ' || coalesce(nullif(s.application_name, ''), s.pid::text) || ' '
             || pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn)) || ' behind' AS what
      FROM pg_stat_replication AS s
      WHERE NOT pg_is_in_recovery() AND pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn) > 64 * 1024 * 1024
      UNION ALL
      SELECT 'idle slot ' || l.slot_name FROM pg_replication_slots AS l WHERE NOT l.active) AS r;

-- check: privileges
-- stages: pre
-- severity: critical
-- needed: CREATE in the database (until the schemas for bookkeeping are there), and to be (a member of) the owner of the portal's tables
-- fix: GRANT CREATE ON DATABASE … TO …; GRANT <owner> TO <the migrating role>
SELECT bool_and(one.may_create) AND count(c.oid) = 0 AS ok,
       CASE WHEN NOT bool_and(one.may_create) THEN 'no CREATE in the database; ' ELSE '' END
       || CASE count(c.oid) WHEN 1 THEN '1 table' ELSE count(c.oid) || ' tables' END || ' of other owners' AS found,
       array_agg(c.relname::text ORDER BY c.relname) FILTER (WHERE c.oid IS NOT NULL) AS keys
FROM (SELECT has_database_privilege(current_database(), 'CREATE')
             OR to_regnamespace('@control@') IS NOT NULL AND to_regnamespace('@archive@') IS NOT NULL AS may_create) AS one
LEFT JOIN pg_class AS c ON c.relnamespace = '@schema@'::regnamespace AND c.relkind = 'r' AND NOT pg_has_role(c.relowner, 'USAGE');

-- check: extensions
-- stages: pre
-- severity: critical
-- needed: plpgsql; no other extension is used
-- fix: CREATE EXTENSION plpgsql
SELECT count(*) = 1 AS ok, CASE count(*) WHEN 1 THEN 'plpgsql is there' ELSE 'plpgsql is missing' END AS found, NULL::text[] AS keys
FROM pg_extension WHERE extname = 'plpgsql';
