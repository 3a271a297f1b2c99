SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_1';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade pre_migration -> phase_1

DO $kingston$
BEGIN
  IF NOT kingston.restore_table('performance_baselines') THEN
    CREATE TABLE performance_baselines (
      id BIGINT GENERATED ALWAYS AS IDENTITY,
      query_name VARCHAR(255) NOT NULL,
      run_id UUID NOT NULL,
      phase VARCHAR(50) NOT NULL,
      samples INTEGER NOT NULL,
      median_ms NUMERIC(12, 3) NOT NULL,
      p95_ms NUMERIC(12, 3) NOT NULL,
      min_ms NUMERIC(12, 3) NOT NULL,
      max_ms NUMERIC(12, 3) NOT NULL,
      avg_ms NUMERIC(12, 3) NOT NULL,
      noise_ms NUMERIC(12, 3) NOT NULL,
      plan_shape TEXT NOT NULL,
      buffers BIGINT NOT NULL,
      rows_returned BIGINT NOT NULL,
      recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
      CONSTRAINT performance_baselines_pkey PRIMARY KEY (id),
      CONSTRAINT performance_baselines_query_name_run_id_key UNIQUE (query_name, run_id),
      CONSTRAINT performance_baselines_samples_check CHECK (samples > 0)
    );
    COMMENT ON TABLE performance_baselines IS 'Measured speed of named queries, one row per query and run; compared by later gates';
    COMMENT ON COLUMN performance_baselines.run_id IS 'one call of record_baselines';
    COMMENT ON COLUMN performance_baselines.noise_ms IS 'the same query against itself: differences of that size mean nothing';
    COMMENT ON COLUMN performance_baselines.plan_shape IS 'fingerprint of node types, joins, tables, indexes';
    COMMENT ON COLUMN performance_baselines.buffers IS 'shared buffers hit or read by one run';
  END IF;
END $kingston$;

-- function plan_shape(jsonb)
-- A fingerprint of the shape of a plan from EXPLAIN (FORMAT JSON): node types, join types, tables and
-- indexes, in plan order; costs, row counts and times do not enter.  Two plans of one shape do the same
-- work, so a difference in time between them is data or noise, not another plan.
-- Uses pg_catalog only, therefore no SET clause.
-- Called by measure_query.  Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION plan_shape(p_plan jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN left(encode(sha256(convert_to(
    concat_ws('/',
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Node Type"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Join Type"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Relation Name"')::text,
        jsonb_path_query_array(p_plan, '$.**{0 to last}."Index Name"')::text),
    'UTF8')), 'hex'), 16);
COMMENT ON FUNCTION plan_shape(jsonb) IS 'Fingerprint of the shape of a plan (node types, joins, tables, indexes)';

SELECT kingston.give_back_grants('function', 'plan_shape(jsonb)');

-- function benchmark_queries()
-- The registry of queries that are measured: every name has exactly one text, so the run before the
-- migration and the run after it execute the same statement (errata E-076, E-137, E-146).
-- kind: baseline (measured in phase 1 and compared later) or probe (compared with limit_ms only).
-- minimum_rows: below that many rows a time says nothing, and the result is NULL (errata E-145).
-- The three baselines are those of document 000 (C-009) with the names of the real portal; rows are
-- ordered so that LIMIT takes the same rows each time.
-- Called by measure_query.  Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION benchmark_queries()
RETURNS TABLE (query_name text, kind text, limit_ms numeric, minimum_rows integer, query text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
VALUES
('client_data_retrieval'::text, 'baseline'::text, NULL::numeric, 10, $query$
    SELECT g.id, g.name, count(p.id) AS product_count
    FROM client_groups AS g
    LEFT JOIN client_products AS p ON p.client_id = g.id
    WHERE g.status = 'active'
    GROUP BY g.id
    ORDER BY g.id
    LIMIT 100
$query$::text),
('product_ownership_query', 'baseline', NULL, 10, $query$
    SELECT p.id, p.product_name, coalesce(o.known_as, concat(o.firstname, ' ', o.surname)) AS owner_name,
           l.created_at
    FROM client_products AS p
    JOIN product_owner_products AS l ON l.product_id = p.id
    JOIN product_owners AS o ON o.id = l.product_owner_id
    WHERE p.status = 'active'
    ORDER BY p.id, l.id
    LIMIT 100
$query$),
('portfolio_valuation_aggregation', 'baseline', NULL, 10, $query$
    SELECT p.id, sum(v.valuation) AS total_value
    FROM client_products AS p
    JOIN portfolios AS f ON f.id = p.portfolio_id
    JOIN portfolio_valuations AS v ON v.portfolio_id = f.id
    WHERE p.status = 'active'
    GROUP BY p.id
    ORDER BY p.id
    LIMIT 50
$query$)
$body$;
COMMENT ON FUNCTION benchmark_queries() IS 'The named queries whose speed is measured, each with its one text';

SELECT kingston.give_back_grants('function', 'benchmark_queries()');

-- function measure_query(text, integer)
-- Measures one query of benchmark_queries() by running it p_runs times (3 to 101) after one warm-up
-- run, and returns fractional milliseconds, the shape of its plan and the buffers it touched.
-- Times are the server's own execution times from EXPLAIN ANALYZE, without per-node clocks, so neither
-- the network nor the reading of a clock is in them (errata E-012, E-071, E-074, E-137, E-145, E-146).
-- noise_ms is the same query against itself: the largest of the difference between the medians of odd
-- and even runs, of first and second half, and the quartile distance.
-- A query that is slow ends after three runs once three seconds are used up; samples says how many ran.
-- Errors: 22023 for an unknown name or an impossible number of runs.
-- Called by record_baselines, compare_benchmark and the monitoring functions.
-- Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION measure_query(p_query_name text, p_runs integer DEFAULT 15)
RETURNS TABLE (samples integer, median_ms numeric, p95_ms numeric, min_ms numeric, max_ms numeric,
               avg_ms numeric, noise_ms numeric, plan_shape text, buffers bigint, rows_returned bigint)
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
AS $body$
DECLARE
    c_budget CONSTANT interval := interval '3 seconds';
    c_least CONSTANT integer := 3;
    v_query text;
    v_plan jsonb;
    v_times float8[] := '{}';
    v_started timestamptz := clock_timestamp();
BEGIN
    SELECT q.query INTO v_query FROM benchmark_queries() AS q WHERE q.query_name = p_query_name;
    IF v_query IS NULL THEN
        RAISE EXCEPTION 'no query named "%" is registered', p_query_name
            USING ERRCODE = 'invalid_parameter_value', HINT = 'SELECT query_name FROM benchmark_queries()';
    END IF;
    IF p_runs IS NULL OR p_runs NOT BETWEEN 3 AND 101 THEN
        RAISE EXCEPTION 'p_runs is %, but must lie between 3 and 101', coalesce(p_runs::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || v_query INTO v_plan;
    FOR v_run IN 1 .. p_runs LOOP
        EXIT WHEN v_run > least(c_least, p_runs) AND clock_timestamp() - v_started > c_budget;
        EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || v_query INTO v_plan;
        v_times := v_times || (v_plan #>> '{0,Execution Time}')::float8;
    END LOOP;
    RETURN QUERY
    SELECT count(*)::integer,
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms)::numeric, 3),
           round(percentile_cont(0.95) WITHIN GROUP (ORDER BY t.ms)::numeric, 3),
           round(min(t.ms)::numeric, 3),
           round(max(t.ms)::numeric, 3),
           round(avg(t.ms)::numeric, 3),
           round(greatest(
               abs(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.run % 2 = 1)
                   - percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE t.run % 2 = 0)),
               abs(percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE 2 * t.run <= cardinality(v_times))
                   - percentile_cont(0.5) WITHIN GROUP (ORDER BY t.ms) FILTER (WHERE 2 * t.run > cardinality(v_times))),
               percentile_cont(0.75) WITHIN GROUP (ORDER BY t.ms) - percentile_cont(0.25) WITHIN GROUP (ORDER BY t.ms)
           )::numeric, 3),
           plan_shape(v_plan),
           (v_plan #>> '{0,Plan,Shared Hit Blocks}')::bigint + (v_plan #>> '{0,Plan,Shared Read Blocks}')::bigint,
           (v_plan #>> '{0,Plan,Actual Rows}')::numeric::bigint
    FROM unnest(v_times) WITH ORDINALITY AS t (ms, run);
END
$body$;
COMMENT ON FUNCTION measure_query(text, integer) IS
    'Measured execution times of a registered query: median, p95, noise, plan shape and buffers';

SELECT kingston.give_back_grants('function', 'measure_query(text, integer)');

-- function record_baselines(text)
-- Measures every baseline query and keeps the result twice: in full in performance_baselines, and as
-- the phase's row in migration_benchmarks (C-002, C-009, C-092).  One call is one run with its own id,
-- so a second run of a phase never mixes with the first (errata E-115).  Nothing is compared yet, so
-- within_tolerance stays NULL.
-- Called by the gate phase_1.  Tests: tests/sql/test_record_baselines.py
CREATE OR REPLACE FUNCTION record_baselines(p_phase text DEFAULT 'phase_1') RETURNS SETOF performance_baselines
LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp
AS $body$
DECLARE
    v_run uuid := gen_random_uuid();
BEGIN
    INSERT INTO performance_baselines
        (query_name, run_id, phase, samples, median_ms, p95_ms, min_ms, max_ms, avg_ms, noise_ms,
         plan_shape, buffers, rows_returned)
    SELECT q.query_name, v_run, p_phase, m.samples, m.median_ms, m.p95_ms, m.min_ms, m.max_ms, m.avg_ms,
           m.noise_ms, m.plan_shape, m.buffers, m.rows_returned
    FROM benchmark_queries() AS q
    CROSS JOIN LATERAL measure_query(q.query_name) AS m
    WHERE q.kind = 'baseline'
    ORDER BY q.query_name;
    INSERT INTO migration_benchmarks (test_name, phase, baseline_ms, current_ms, run_id)
    SELECT b.query_name, b.phase, b.median_ms, b.median_ms, b.run_id
    FROM performance_baselines AS b
    WHERE b.run_id = v_run
    ORDER BY b.query_name;
    RETURN QUERY
    SELECT b.* FROM performance_baselines AS b WHERE b.run_id = v_run ORDER BY b.query_name;
END
$body$;
COMMENT ON FUNCTION record_baselines(text) IS 'Measures the baseline queries and records the result under one run id';

SELECT kingston.give_back_grants('function', 'record_baselines(text)');

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(u.percent < 80, false) AS ok,
       u.used || ' of ' || u.usable || ' connections in use (' || u.percent || ' %, limit 80 %)' AS found
FROM connection_use() AS u
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'connections_warning', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT coalesce(u.percent < 95, false) AS ok,
       u.used || ' of ' || u.usable || ' connections in use (' || u.percent || ' %, limit 95 %)' AS found
FROM connection_use() AS u
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'connections_critical', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 pair of product and owner is' ELSE count(*) || ' pairs of product and owner are' END || ' linked more than once; each owner counts once' AS found
FROM (SELECT 1
      FROM product_owner_products AS l
      WHERE l.product_id IS NOT NULL AND l.product_owner_id IS NOT NULL
      GROUP BY l.product_id, l.product_owner_id
      HAVING count(*) > 1) AS d
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'repeated_links', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 link has' ELSE count(*) || ' links have' END || ' no product or no owner and no meaning for ownership' AS found
FROM product_owner_products AS l
WHERE l.product_id IS NULL OR l.product_owner_id IS NULL
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'half_links', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 link points' ELSE count(*) || ' links point' END || ' to a product or owner that does not exist' AS found
FROM product_owner_products AS l
LEFT JOIN client_products AS p ON p.id = l.product_id
LEFT JOIN product_owners AS o ON o.id = l.product_owner_id
WHERE (l.product_id IS NOT NULL AND p.id IS NULL) OR (l.product_owner_id IS NOT NULL AND o.id IS NULL)
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'orphaned_links', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product points' ELSE count(*) || ' products point' END || ' to a portfolio that does not exist'
       || coalesce(': product ' || (array_agg(p.id::text ORDER BY p.id))[1] || CASE WHEN count(*) > 1 THEN ' and others' ELSE '' END, '') AS found
FROM client_products AS p
WHERE p.portfolio_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portfolios AS f WHERE f.id = p.portfolio_id)
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'dangling_portfolios', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product belongs' ELSE count(*) || ' products belong' END || ' to no client group and to no summary' AS found
FROM client_products AS p
WHERE p.client_id IS NULL
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'products_without_client', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE m.largest >= 2147483648) = 0 AS ok,
       coalesce('beyond 2^31: ' || string_agg(m.name || ' (' || m.largest || ')', ', ' ORDER BY m.name)
                    FILTER (WHERE m.largest >= 2147483648),
                'largest id is ' || coalesce(max(m.largest), 0)) AS found
FROM (
    SELECT 'client_groups' AS name, max(id) AS largest FROM client_groups
    UNION ALL SELECT 'client_products', max(id) FROM client_products
    UNION ALL SELECT 'product_owners', max(id) FROM product_owners
    UNION ALL SELECT 'product_owner_products', max(id) FROM product_owner_products
    UNION ALL SELECT 'client_group_product_owners', max(id) FROM client_group_product_owners
    UNION ALL SELECT 'portfolios', max(id) FROM portfolios
    UNION ALL SELECT 'portfolio_funds', max(id) FROM portfolio_funds
    UNION ALL SELECT 'portfolio_valuations', max(id) FROM portfolio_valuations
    UNION ALL SELECT 'portfolio_fund_valuations', max(id) FROM portfolio_fund_valuations
    UNION ALL SELECT 'portfolio_irr_values', max(id) FROM portfolio_irr_values
    UNION ALL SELECT 'portfolio_fund_irr_values', max(id) FROM portfolio_fund_irr_values
    UNION ALL SELECT 'holding_activity_log', max(id) FROM holding_activity_log
    UNION ALL SELECT 'profiles', max(id) FROM profiles
    UNION ALL SELECT 'available_funds', max(id) FROM available_funds
    UNION ALL SELECT 'available_providers', max(id) FROM available_providers
) AS m
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'ids_below_2_31', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce('the next id is taken already in: ' || string_agg(b.name, ', ' ORDER BY b.name), 'none') AS found
FROM (
    SELECT m.name
    FROM (
        SELECT 'client_groups' AS name, max(id) AS largest FROM client_groups
        UNION ALL SELECT 'client_products', max(id) FROM client_products
        UNION ALL SELECT 'product_owners', max(id) FROM product_owners
        UNION ALL SELECT 'product_owner_products', max(id) FROM product_owner_products
        UNION ALL SELECT 'client_group_product_owners', max(id) FROM client_group_product_owners
        UNION ALL SELECT 'portfolios', max(id) FROM portfolios
        UNION ALL SELECT 'profiles', max(id) FROM profiles
    ) AS m
    LEFT JOIN pg_sequences AS s ON s.schemaname = current_schema() AND s.sequencename = m.name || '_id_seq'
    WHERE m.largest > coalesce(s.last_value, 0)
) AS b
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'sequences_behind', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 3 AND min(b.samples) >= 3 AS ok,
       count(*) || ' of 3 measured: '
       || coalesce(string_agg(b.query_name || ' ' || b.median_ms || ' ms (p95 ' || b.p95_ms || ', noise ' || b.noise_ms
                              || ', ' || b.samples || ' runs)', '; ' ORDER BY b.query_name), 'none') AS found
FROM record_baselines('phase_1') AS b
  ) AS q;
  PERFORM kingston.record_gate('phase_1', 'baselines_measured', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'phase_1', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='phase_1' WHERE alembic_version.version_num = 'pre_migration';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_1', '{"outcome": "done", "revision": "phase_1", "detail": "by a script", "files": {"versions/0100_phase_1.py": "SHA-256", "sql/benchmark_queries/0100.sql": "SHA-256", "sql/gate_phase_1/0100.sql": "SHA-256", "sql/measure_query/0100.sql": "SHA-256", "sql/plan_shape/0100.sql": "SHA-256", "sql/record_baselines/0100.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

