-- function expected_phase_3()
-- What phase 3 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_3()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
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
