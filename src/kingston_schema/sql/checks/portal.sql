-- checks portal
-- The migrated portal itself: after a migration and before it goes live (documents 000 and 001, C-049, C-062, C-135).
-- Run by kingston check.  Tests: tests/operations/test_check.py

-- check: nothing_invalid
-- stages: pre post go-live
-- severity: critical
-- needed: every index valid, every constraint validated, every trigger on
-- fix: kingston doctor --fix; a trigger: ALTER TABLE … ENABLE TRIGGER …
SELECT count(*) = 0 AS ok, coalesce(string_agg(x.what, ', ' ORDER BY x.what), 'all valid, validated and on') AS found,
       array_agg(x.what ORDER BY x.what) AS keys
FROM (SELECT 'index ' || c.relname AS what FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
      WHERE c.relnamespace = '@schema@'::regnamespace AND NOT (i.indisvalid AND i.indisready)
      UNION ALL SELECT 'constraint ' || k.conname FROM pg_constraint AS k
      WHERE k.connamespace = '@schema@'::regnamespace AND NOT k.convalidated
      UNION ALL SELECT 'trigger ' || t.tgname || ' on ' || c.relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
      WHERE c.relnamespace = '@schema@'::regnamespace AND NOT t.tgisinternal AND t.tgenabled = 'D') AS x;

-- check: no_failed_run
-- stages: post go-live
-- from: pre_migration_control
-- severity: critical
-- needed: the last run completed
-- fix: run the same command again; it goes on where it stopped
SELECT coalesce(bool_and(j.status = 'completed'), true) AS ok,
       coalesce(max(j.direction || ' ' || j.revision || ' ' || j.status || coalesce(': ' || left(j.error, 120), '')), 'no run yet') AS found,
       NULL::text[] AS keys
FROM (SELECT * FROM @control@.journal ORDER BY id DESC LIMIT 1) AS j;

-- check: gates_overridden
-- stages: post go-live
-- from: pre_migration
-- severity: warning
-- needed: no gate check that failed and was allowed
-- fix: look at the reason; SELECT * FROM kingston.gate_result WHERE outcome = 'allowed'
SELECT count(*) = 0 AS ok, coalesce(string_agg(g.phase || ' ' || g.check_name || ': ' || g.reason, '; '), 'none') AS found,
       array_agg(g.phase || ' ' || g.check_name) AS keys
FROM (SELECT DISTINCT ON (r.phase, r.check_name) r.phase, r.check_name, r.outcome, r.reason
      FROM @control@.gate_result AS r ORDER BY r.phase, r.check_name, r.id DESC) AS g
WHERE g.outcome = 'allowed';

-- check: roles
-- stages: post go-live
-- from: pre_migration_roles
-- severity: warning
-- needed: portal_app, portal_readonly, portal_auditor and portal_migrator are there, with their rights and no others' powers
-- fix: kingston doctor --fix; what it may not do itself it names with the statement for an administrator
SELECT count(*) = 0 AS ok, coalesce(string_agg(p.problem, '; ' ORDER BY p.role_name, p.object), 'four roles with all their rights') AS found,
       array_agg(p.remedy ORDER BY p.role_name, p.object) AS keys
FROM @control@.role_problems() AS p;

-- check: statistics
-- stages: post go-live
-- severity: warning
-- needed: every table with rows analysed: without statistics the planner guesses
-- fix: ANALYZE
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 table' ELSE count(*) || ' tables' END || ' with rows and without statistics' AS found,
       array_agg(s.relname::text ORDER BY s.relname) AS keys
FROM pg_stat_user_tables AS s
WHERE s.schemaname = '@schema@' AND s.last_analyze IS NULL AND s.last_autoanalyze IS NULL
  AND pg_relation_size(s.relid) > 10 * 8192;

-- check: summaries_fresh
-- stages: post go-live
-- from: phase_6_summaries
-- severity: warning
-- needed: no client group marked as changed for more than an hour
-- fix: schedule SELECT * FROM refresh_dirty_summaries()
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 client group waits' ELSE count(*) || ' client groups wait' END || ' for new summaries since more than an hour' AS found,
       array_agg('client group ' || d.client_group_id ORDER BY d.client_group_id) AS keys
FROM summary_dirty AS d WHERE d.marked_at < clock_timestamp() - interval '1 hour';

-- check: health
-- stages: post go-live
-- from: phase_6_monitoring
-- severity: critical
-- needed: 95 or more
-- fix: SELECT * FROM check_migration_system_health()
SELECT h.health_score >= 95 AS ok, h.details || ' (' || h.status || ')' AS found, NULL::text[] AS keys
FROM check_migration_system_health() AS h WHERE h.component = 'Overall System Health';

-- check: encryption_ready
-- stages: go-live
-- from: phase_2_field_encryption
-- severity: critical
-- needed: encryption off by decision, or an active key of each purpose
-- fix: kingston keys init, or UPDATE migration_control SET value = 'false' WHERE setting = 'encryption_enabled'
SELECT e.wanted IS DISTINCT FROM 'true' OR k.active > 0 AS ok,
       'encryption_enabled is ' || coalesce(e.wanted, 'not set') || ', ' || k.active || ' active keys' AS found, NULL::text[] AS keys
FROM (SELECT (SELECT value FROM migration_control WHERE setting = 'encryption_enabled') AS wanted) AS e
CROSS JOIN (SELECT count(*) AS active FROM encryption_keys WHERE status = 'active') AS k;
