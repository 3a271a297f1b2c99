-- gate phase_4
-- The indexes are there by name, valid, and as defined (errata E-005, E-077, E-198); the measured queries
-- are as fast as before, within tolerance and noise (C-041, E-011, E-012, E-075, E-076).
-- Tests: tests/revisions/test_gates.py

-- check: objects_present
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_4')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_4') AS m
WHERE m.phase <> 'legacy';

-- check: no_invalid_index
-- severity: critical
-- look: SELECT indexrelid::regclass, indrelid::regclass FROM pg_index WHERE NOT indisvalid OR NOT indisready
SELECT count(*) = 0 AS ok,
       coalesce('left over from a build that failed: ' || string_agg(c.relname, ', ' ORDER BY c.relname),
                'every index of the schema is valid') AS found
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE c.relnamespace = '@schema@'::regnamespace AND NOT (i.indisvalid AND i.indisready);

-- check: benchmarks_within_tolerance
-- severity: critical
-- look: SELECT * FROM migration_benchmarks WHERE phase = 'phase_4' ORDER BY id DESC
SELECT count(*) FILTER (WHERE NOT b.within_tolerance AND b.baseline_ms IS NOT NULL) = 0 AS ok,
       string_agg(b.test_name || ' '
                  || CASE WHEN b.baseline_ms IS NULL THEN b.current_ms || ' ms'
                          ELSE b.baseline_ms || ' -> ' || b.current_ms || ' ms' END
                  || CASE b.within_tolerance WHEN false THEN ' TOO SLOW' WHEN true THEN '' ELSE ' (n/a: too few rows)' END,
                  '; ' ORDER BY b.test_name) AS found
FROM compare_with_baselines('phase_4') AS b;

-- check: probes_within_limit
-- severity: warning
-- look: SELECT test_name, current_ms FROM migration_benchmarks WHERE phase = 'phase_4' ORDER BY id DESC
SELECT count(*) FILTER (WHERE NOT b.within_tolerance) = 0 AS ok,
       coalesce(string_agg(b.test_name || ' ' || b.current_ms || ' ms', '; ' ORDER BY b.test_name), 'no probe was measured') AS found
FROM migration_benchmarks AS b
WHERE b.phase = 'phase_4' AND b.test_name LIKE 'json\_%'
  AND b.run_id = (SELECT x.run_id FROM migration_benchmarks AS x WHERE x.phase = 'phase_4' ORDER BY x.id DESC LIMIT 1);
