-- gate phase_5
-- Every rule is proven on this database: what must be refused is refused by the right rule, what must be
-- accepted is accepted, and nothing of it stays (C-042 to C-047; errata E-033, E-058, E-089, E-090, E-203).
-- Tests: tests/revisions/test_gates.py

-- check: objects_present
-- severity: critical
-- look: SELECT * FROM missing_objects('phase_5')
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_5') AS m
WHERE m.phase <> 'legacy';

-- check: constraints_validated
-- severity: critical
-- look: SELECT conrelid::regclass, conname FROM pg_constraint WHERE NOT convalidated
SELECT count(*) = 0 AS ok,
       coalesce('not validated: ' || string_agg(k.conrelid::regclass || ' ' || k.conname, ', ' ORDER BY k.conname),
                'every constraint of the schema is validated') AS found
FROM pg_constraint AS k
WHERE k.connamespace = '@schema@'::regnamespace AND NOT k.convalidated;

-- check: rules_proven
-- severity: critical
-- look: SELECT * FROM prove_rules() WHERE NOT ok
SELECT count(*) > 0 AND count(*) FILTER (WHERE p.ok IS NOT TRUE) = 0 AS ok,
       count(*) FILTER (WHERE p.ok) || ' of ' || count(*) || ' probes went as they must'
       || coalesce('; not so: ' || string_agg(p.on_table || ' ' || coalesce(p.rule, 'must be accepted') || ' (' || p.found || ')', ', ')
                       FILTER (WHERE p.ok IS NOT TRUE), '') AS found
FROM prove_rules() AS p;

-- check: ownership_reconciled
-- severity: critical
-- look: SELECT * FROM reconcile_ownership()
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 finding' ELSE count(*) || ' findings' END || ' between links and ownership documents'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r;

-- check: user_query
-- severity: warning
-- look: SELECT * FROM measure_query('client_data_retrieval')
SELECT m.median_ms <= 500 AS ok,
       'client_data_retrieval takes ' || m.median_ms || ' ms (p95 ' || m.p95_ms || ', limit 500)' AS found
FROM measure_query('client_data_retrieval', 5) AS m;
