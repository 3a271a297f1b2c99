SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_4_json_indexes';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_4_indexes -> phase_4_json_indexes

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_products_ownership_gin__building;

SELECT kingston.index_intended('idx_client_products_ownership_gin', 'client_products', 'CREATE INDEX CONCURRENTLY idx_client_products_ownership_gin__building ON client_products USING gin (ownership_details)');

CREATE INDEX CONCURRENTLY idx_client_products_ownership_gin__building ON client_products USING gin (ownership_details);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_products_ownership_gin', 'idx_client_products_ownership_gin__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_products_association_type__building;

SELECT kingston.index_intended('idx_client_products_association_type', 'client_products', 'CREATE INDEX CONCURRENTLY idx_client_products_association_type__building ON client_products USING btree ((ownership_details ->> ''association_type''))');

CREATE INDEX CONCURRENTLY idx_client_products_association_type__building ON client_products USING btree ((ownership_details ->> 'association_type'));

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_products_association_type', 'idx_client_products_association_type__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_content_gin__building;

SELECT kingston.index_intended('idx_client_items_content_gin', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_content_gin__building ON client_information_items USING gin (data_content)');

CREATE INDEX CONCURRENTLY idx_client_items_content_gin__building ON client_information_items USING gin (data_content);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_content_gin', 'idx_client_items_content_gin__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_client_items_valuation__building;

SELECT kingston.index_intended('idx_client_items_valuation', 'client_information_items', 'CREATE INDEX CONCURRENTLY idx_client_items_valuation__building ON client_information_items USING btree ((CASE WHEN jsonb_typeof(data_content -> ''latest_valuation'') = ''number'' THEN (data_content ->> ''latest_valuation'')::numeric END)) WHERE data_content ? ''latest_valuation''');

CREATE INDEX CONCURRENTLY idx_client_items_valuation__building ON client_information_items USING btree ((CASE WHEN jsonb_typeof(data_content -> 'latest_valuation') = 'number' THEN (data_content ->> 'latest_valuation')::numeric END)) WHERE data_content ? 'latest_valuation';

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_client_items_valuation', 'idx_client_items_valuation__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_ownership_gin__building;

SELECT kingston.index_intended('idx_unmanaged_products_ownership_gin', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_ownership_gin__building ON client_unmanaged_products USING gin (ownership_details)');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_ownership_gin__building ON client_unmanaged_products USING gin (ownership_details);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_ownership_gin', 'idx_unmanaged_products_ownership_gin__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_unmanaged_products_association_type__building;

SELECT kingston.index_intended('idx_unmanaged_products_association_type', 'client_unmanaged_products', 'CREATE INDEX CONCURRENTLY idx_unmanaged_products_association_type__building ON client_unmanaged_products USING btree ((ownership_details ->> ''association_type''))');

CREATE INDEX CONCURRENTLY idx_unmanaged_products_association_type__building ON client_unmanaged_products USING btree ((ownership_details ->> 'association_type'));

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_unmanaged_products_association_type', 'idx_unmanaged_products_association_type__building');

BEGIN;

COMMIT;

SELECT set_config('lock_timeout', coalesce(nullif(current_setting('kingston.snapshot_wait_seconds', true), ''), '600') || 's', false);

DROP INDEX CONCURRENTLY IF EXISTS idx_networth_statements_snapshot_gin__building;

SELECT kingston.index_intended('idx_networth_statements_snapshot_gin', 'networth_statements', 'CREATE INDEX CONCURRENTLY idx_networth_statements_snapshot_gin__building ON networth_statements USING gin (snapshot_data)');

CREATE INDEX CONCURRENTLY idx_networth_statements_snapshot_gin__building ON networth_statements USING gin (snapshot_data);

SET lock_timeout = '2s';

SELECT kingston.index_published('idx_networth_statements_snapshot_gin', 'idx_networth_statements_snapshot_gin__building');

BEGIN;

-- function benchmark_queries()
-- The registry of queries that are measured: every name has exactly one text, so the run before the
-- migration and the run after it execute the same statement (errata E-076, E-137, E-146).
-- kind: baseline (measured in phase 1 and compared later) or probe (compared with limit_ms only).
-- minimum_rows: below that many rows a time says nothing, and the result is NULL (errata E-145).
-- The three baselines are those of document 000 (C-009) with the names of the real portal; rows are
-- ordered so that LIMIT takes the same rows each time.  The JSON probes (C-039, limits N-037, N-038) ask
-- with operators that the indexes serve, about keys that are really written (errata E-156, E-200).
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
$query$),
('json_containment_query', 'probe', 100, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details @> '{"association_type": "joint_ownership"}'
    LIMIT 100
$query$),
('json_key_existence_query', 'probe', 100, 1, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ? (SELECT min(l.product_owner_id)::text FROM product_owner_products AS l)
$query$),
('json_path_query', 'probe', 150, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ->> 'association_type' = 'tenants_in_common'
    ORDER BY p.id
    LIMIT 100
$query$)
$body$;
COMMENT ON FUNCTION benchmark_queries() IS 'The named queries whose speed is measured, each with its one text';

SELECT kingston.give_back_grants('function', 'benchmark_queries()');

UPDATE alembic_version SET version_num='phase_4_json_indexes' WHERE alembic_version.version_num = 'phase_4_indexes';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_4_json_indexes', '{"outcome": "done", "revision": "phase_4_json_indexes", "detail": "by a script", "files": {"versions/0410_phase_4_json_indexes.py": "SHA-256", "sql/benchmark_queries/0410.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

