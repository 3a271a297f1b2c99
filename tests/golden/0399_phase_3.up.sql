SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'phase_3';
SET kingston.direction = 'up';
SET kingston.run = 'script';

BEGIN;

-- Running upgrade phase_3_ownership -> phase_3

-- function expected_phase_3()
-- What phase 3 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_3()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_3', 'table', '', 'ownership_memory'),
    ('phase_3', 'column', 'client_products', 'ownership_details'),
    ('phase_3', 'column', 'ownership_memory', 'id; owner_ids; ownership_details; product_id; saved_at'),
    ('phase_3', 'constraint', 'ownership_memory', 'fk_ownership_memory_product; ownership_memory_pkey'),
    ('phase_3', 'trigger', 'client_products', 'owner_links_insert; owner_links_update'),
    ('phase_3', 'trigger', 'product_owner_products',
     'ownership_delete; ownership_insert; ownership_truncate; ownership_update'),
    ('phase_3', 'view', '',
     'ownership_from_links; ownership_link_findings; ownership_review; product_ownership'),
    ('phase_3', 'function', '',
     'expected_phase_3(); explain_ownership(jsonb); is_assumed_ownership(jsonb);
      ownership_owner_ids(jsonb); ownership_shares(jsonb); rebuild_ownership(bigint[]);
      reconcile_ownership(); sync_links_from_ownership(); sync_ownership_from_links();
      validate_ownership_percentages_precise(jsonb)')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_3', 'ownership_memory', 'idx_ownership_memory_product',
     'btree (product_id)'),
    ('phase_3', 'product_owner_products', 'idx_product_owner_products_product',
     'btree (product_id) INCLUDE (product_owner_id)')
) AS i (phase, on_table, name, definition)
$body$;
COMMENT ON FUNCTION expected_phase_3() IS 'objects of phase 3 by name';

SELECT kingston.give_back_grants('function', 'expected_phase_3()');

-- function expected_objects()
-- Everything that must be there at this phase, phase by phase; expected_<phase>() says what each adds.
-- Called by missing_objects.  Tests: tests/sql/test_missing_objects.py
CREATE OR REPLACE FUNCTION expected_objects()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp
AS $body$
    SELECT e.* FROM expected_legacy() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_2() AS e
    UNION ALL
    SELECT e.* FROM expected_phase_3() AS e
$body$;
COMMENT ON FUNCTION expected_objects() IS 'every object of the portal by name and phase, indexes with their definition';

SELECT kingston.give_back_grants('function', 'expected_objects()');

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       coalesce(string_agg(concat_ws(' ', m.phase, m.kind, nullif(m.on_table, ''), m.name, m.finding), ', '),
                'every table, column, constraint, index, trigger, view and function is there') AS found
FROM missing_objects('phase_3') AS m
WHERE m.phase <> 'legacy'
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'objects_present', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) FILTER (WHERE p.ownership_details IS NULL) = 0 AS ok,
       count(*) FILTER (WHERE p.ownership_details IS NULL) || ' of ' || count(*) || ' products have no ownership document'
           AS found
FROM client_products AS p
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'every_product_filled', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product has' ELSE count(*) || ' products have' END || ' an ownership document that breaks the rules'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r
WHERE r.finding IN ('missing', 'invalid')
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'documents_valid', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product names' ELSE count(*) || ' products name' END || ' other owners in the document than in the links'
       || coalesce(': product ' || (array_agg(r.product_id ORDER BY r.product_id))[1] || ' '
                   || (array_agg(r.explanation ORDER BY r.product_id))[1], '') AS found
FROM reconcile_ownership() AS r
WHERE r.finding NOT IN ('missing', 'invalid')
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'same_owners', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT o.products = l.products AND o.pairs = l.pairs AND o.off = 0 AS ok,
       o.products || ' products with ' || o.pairs || ' owners in documents, ' || l.products || ' with ' || l.pairs
       || ' in links; ' || o.off || ' products whose shares do not add up to 100' AS found
FROM (SELECT count(*) AS products, coalesce(sum(s.owners), 0) AS pairs,
             count(*) FILTER (WHERE s.total IS NULL OR s.total NOT BETWEEN 99.99 AND 100.01) AS off
      FROM (SELECT v.product_id, count(*) AS owners, sum(v.percentage) AS total
            FROM product_ownership AS v
            GROUP BY v.product_id) AS s) AS o
CROSS JOIN (SELECT count(DISTINCT k.product_id) AS products, count(*) AS pairs
            FROM (SELECT DISTINCT x.product_id, x.product_owner_id
                  FROM product_owner_products AS x
                  WHERE x.product_id IS NOT NULL AND x.product_owner_id > 0) AS k) AS l
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'totals_reconcile', 'critical',
    coalesce(v_ok, false), true, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       'products with equal shares that nobody confirmed: ' || count(*) FILTER (WHERE r.reason = 'equal_split_assumed')
       || ', without owner: ' || count(*) FILTER (WHERE r.reason = 'no_previous_ownership') AS found
FROM ownership_review AS r
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'assumed_shares', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

DO $kingston$
DECLARE
  v_ok boolean;
  v_found text;
BEGIN
  SELECT q.ok, q.found INTO v_ok, v_found FROM (
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 link is' ELSE count(*) || ' links are' END || ' repeated or incomplete: left as found, without ownership of their own' AS found
FROM ownership_link_findings AS f
  ) AS q;
  PERFORM kingston.record_gate('phase_3', 'links_without_ownership', 'warning',
    coalesce(v_ok, false), false, v_found, NULL);
END $kingston$;

UPDATE migration_control SET value = 'phase_3', updated_at = clock_timestamp() WHERE setting = 'current_phase';

UPDATE alembic_version SET version_num='phase_3' WHERE alembic_version.version_num = 'phase_3_ownership';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'up', 'phase_3', '{"outcome": "done", "revision": "phase_3", "detail": "by a script", "files": {"versions/0399_phase_3.py": "SHA-256", "sql/expected_objects/0399.sql": "SHA-256", "sql/expected_phase_3/0399.sql": "SHA-256", "sql/gate_phase_3/0399.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

