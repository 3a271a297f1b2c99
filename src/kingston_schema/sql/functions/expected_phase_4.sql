-- function expected_phase_4()
-- What phase 4 adds, by name: tables, columns, constraints, indexes with
-- their definition, triggers, views, functions.  In place of the counts of document 000, which prove nothing
-- (errata E-077, E-118, E-144, E-163, E-164).  An index that belongs to a constraint stands there.
-- Several names stand in one text, divided by semicolons.  Called by expected_objects.
-- Tests: tests/sql/test_missing_objects.py compares it with the catalogue, both ways, at every gate.
CREATE OR REPLACE FUNCTION expected_phase_4()
RETURNS TABLE (phase text, kind text, on_table text, name text, definition text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
SELECT o.phase, o.kind, o.on_table, n.name, NULL
FROM (VALUES
    ('phase_4', 'function', '', 'compare_with_baselines(text); expected_phase_4()')
) AS o (phase, kind, on_table, names)
CROSS JOIN LATERAL regexp_split_to_table(o.names, ';\s+') AS n (name)
UNION ALL
SELECT i.phase, 'index', i.on_table, i.name, i.definition
FROM (VALUES
    ('phase_4', 'client_actions', 'idx_client_actions_active',
     'btree (client_group_id) WHERE NOT active'),
    ('phase_4', 'client_actions', 'idx_client_actions_client_group',
     'btree (client_group_id) INCLUDE (status, active, updated_at)'),
    ('phase_4', 'client_actions', 'idx_client_actions_owner',
     'btree (owner, target_date) WHERE status::text = ''outstanding''::text'),
    ('phase_4', 'client_actions', 'idx_client_actions_status',
     'btree (client_group_id, target_date) WHERE status::text = ''outstanding''::text'),
    ('phase_4', 'client_actions', 'idx_client_actions_target_date',
     'btree (target_date) WHERE status::text = ''outstanding''::text'),
    ('phase_4', 'client_information_items', 'idx_client_items_category',
     'btree (item_category)'),
    ('phase_4', 'client_information_items', 'idx_client_items_client_group',
     'btree (client_group_id) INCLUDE (item_type, updated_at)'),
    ('phase_4', 'client_information_items', 'idx_client_items_content_gin',
     'gin (data_content)'),
    ('phase_4', 'client_information_items', 'idx_client_items_recent',
     'btree (client_group_id, updated_at DESC)'),
    ('phase_4', 'client_information_items', 'idx_client_items_type',
     'btree (item_type)'),
    ('phase_4', 'client_information_items', 'idx_client_items_type_client',
     'btree (client_group_id, item_type, item_category)'),
    ('phase_4', 'client_information_items', 'idx_client_items_updated_at',
     'btree (updated_at DESC)'),
    ('phase_4', 'client_information_items', 'idx_client_items_valuation',
     'btree ((
CASE
    WHEN jsonb_typeof(data_content -> ''latest_valuation''::text) = ''number''::text THEN (data_content ->> ''latest_valuation''::text)::numeric
    ELSE NULL::numeric
END)) WHERE data_content ? ''latest_valuation''::text'),
    ('phase_4', 'client_objectives', 'idx_client_objectives_client_group',
     'btree (client_group_id) INCLUDE (status, updated_at)'),
    ('phase_4', 'client_objectives', 'idx_client_objectives_priority',
     'btree (priority, target_date) WHERE status::text = ''active''::text'),
    ('phase_4', 'client_objectives', 'idx_client_objectives_status',
     'btree (client_group_id, target_date) WHERE status::text = ''active''::text'),
    ('phase_4', 'client_objectives', 'idx_client_objectives_target_date',
     'btree (target_date) WHERE status::text = ''active''::text'),
    ('phase_4', 'client_products', 'idx_client_products_association_type',
     'btree ((ownership_details ->> ''association_type''::text))'),
    ('phase_4', 'client_products', 'idx_client_products_ownership_gin',
     'gin (ownership_details)'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_association_type',
     'btree ((ownership_details ->> ''association_type''::text))'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_client_group',
     'btree (client_group_id) INCLUDE (status, latest_valuation, updated_at)'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_ownership_gin',
     'gin (ownership_details)'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_provider',
     'btree (provider_id)'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_status',
     'btree (status) WHERE status::text <> ''active''::text'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_type',
     'btree (product_type)'),
    ('phase_4', 'client_unmanaged_products', 'idx_unmanaged_products_valuation_date',
     'btree (valuation_date DESC)'),
    ('phase_4', 'networth_statements', 'idx_networth_statements_client_group',
     'btree (client_group_id, created_at DESC)'),
    ('phase_4', 'networth_statements', 'idx_networth_statements_created_at',
     'btree (created_at DESC)'),
    ('phase_4', 'networth_statements', 'idx_networth_statements_net_worth',
     'btree (net_worth DESC)'),
    ('phase_4', 'networth_statements', 'idx_networth_statements_snapshot_gin',
     'gin (snapshot_data)')
) AS i (phase, on_table, name, definition)
$body$;
COMMENT ON FUNCTION expected_phase_4() IS 'objects of phase 4 by name';
