-- gate phase_2
-- Everything that phase 2 makes is there by name and its rules hold; no telephone number was lost on the
-- way (errata E-034, E-035); inception dates are those of the owners, not of the migration (E-036).
-- Tests: tests/revisions/test_gates.py

-- check: tables_and_columns
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_2')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table and column is there') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind IN ('table', 'column') AND m.phase <> 'legacy';

-- check: constraints_valid
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_2') WHERE kind = 'constraint'
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every constraint is there and validated, so all rows obey the rules') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'constraint' AND m.phase <> 'legacy';

-- check: indexes_valid
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_2') WHERE kind = 'index'
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every index is there, valid, and as defined') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'index' AND m.phase <> 'legacy';

-- check: triggers_on
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_2') WHERE kind = 'trigger'
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.on_table, m.name, m.finding), ', '),
                'every trigger is there and switched on') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind = 'trigger' AND m.phase <> 'legacy';

-- check: views_and_functions
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_2') WHERE kind IN ('view', 'function')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, m.name, m.finding), ', '),
                'every view and function is there') AS found
FROM missing_objects('phase_2') AS m
WHERE m.kind IN ('view', 'function') AND m.phase <> 'legacy';

-- check: legacy_objects
-- severity: warning
-- look: SELECT * FROM missing_objects('phase_2') WHERE phase = 'legacy'
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'the Phase 1 schema is as documented') AS found
FROM missing_objects('phase_2') AS m
WHERE m.phase = 'legacy';

-- check: phones_accounted_for
-- severity: critical
-- look: SELECT * FROM product_owner_phone_sources WHERE numbers_found <> migrated + rejected + duplicates
SELECT count(*) FILTER (WHERE s.numbers_found IS DISTINCT FROM s.migrated + s.rejected + s.duplicates) = 0 AS ok,
       coalesce(sum(s.numbers_found), 0) || ' numbers found in ' || count(*) || ' source texts: '
       || coalesce(sum(s.migrated), 0) || ' migrated, ' || coalesce(sum(s.rejected), 0) || ' kept aside, '
       || coalesce(sum(s.duplicates), 0) || ' repeated' AS found
FROM product_owner_phone_sources AS s;

-- check: rejected_phones
-- severity: warning
-- look: SELECT product_owner_id, source_column, source_text, reason FROM product_owner_phone_rejects WHERE resolved_at IS NULL
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 telephone text' ELSE count(*) || ' telephone texts' END || ' could not be read as a number; somebody has to look' AS found
FROM product_owner_phone_rejects AS r
WHERE r.resolved_at IS NULL;

-- check: one_primary_phone
-- severity: critical
-- look: SELECT product_owner_id, count(*) FROM product_owner_phones WHERE is_primary GROUP BY 1 HAVING count(*) > 1
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 owner has' ELSE count(*) || ' owners have' END || ' more than one primary number' AS found
FROM (SELECT 1 FROM product_owner_phones AS p WHERE p.is_primary GROUP BY p.product_owner_id HAVING count(*) > 1) AS d;

-- check: inception_dates
-- severity: critical
-- look: SELECT id, created_at FROM product_owners WHERE inception_date IS NULL AND updated_at IS NULL
-- Going down and up again keeps dates that somebody edited or emptied, so only one that nobody ever wrote is wrong.
SELECT count(*) = 0 AS ok, count(*) || ' product owners have no inception date' AS found
FROM product_owners AS o
WHERE o.inception_date IS NULL AND o.updated_at IS NULL AND o.created_at IS NOT NULL;

-- check: liquidity_defaults
-- severity: warning
-- look: SELECT asset_type, asset_subtype, default_liquidity_rank FROM asset_liquidity_config ORDER BY 1, 2
SELECT count(*) >= 21 AS ok, CASE count(*) WHEN 1 THEN '1 liquidity default' ELSE count(*) || ' liquidity defaults' END || ', 21 or more are expected' AS found
FROM asset_liquidity_config AS c;

-- check: settings
-- severity: critical
-- look: SELECT setting, value FROM migration_control ORDER BY 1
SELECT count(c.setting) = count(*) AS ok,
       coalesce('missing: ' || string_agg(s.name, ', ') FILTER (WHERE c.setting IS NULL), 'all ' || count(*) || ' settings are there') AS found
FROM (VALUES ('current_phase'), ('rollback_enabled'), ('performance_tolerance_percent'), ('max_downtime_hours'),
             ('encryption_enabled'), ('audit_logging_level'), ('dense_ui_optimization'), ('global_actions_enabled'),
             ('liquidity_rankings_enabled')) AS s (name)
LEFT JOIN migration_control AS c ON c.setting = s.name;
