-- view client_dense_summary_source
-- What client_dense_summary must hold, computed now: one row per client group, whatever its status (C-079).
-- Aggregated before joined (errata E-066); statuses and item types that exist (E-067): an active action is
-- outstanding and not put aside, asset and liability items are told apart by is_liability_item, income
-- items are those of type income_expenditure.  Owners are counted in the canonical ownership document
-- (E-068).  total_active_value as in client_complete_summary_source; complexity counts products, not
-- joined rows: more than 50 is HIGH, more than 20 MEDIUM (N-083).  last_activity as last_updated in
-- client_complete_summary_source.  description is NULL: client groups of the real portal have none.
-- Called by refresh_summary, and by get_client_dense_page while dense_ui_optimization is off.
-- Tests: tests/sql/test_client_dense_summary.py
CREATE OR REPLACE VIEW client_dense_summary_source AS
SELECT g.id AS client_group_id,
       g.name AS group_name,
       NULL::text AS description,
       m.products AS total_products,
       m.active AS active_products,
       v.managed AS total_active_value,
       w.records AS ownership_records,
       w.most AS max_owners_per_product,
       i.assets AS asset_items,
       i.liabilities AS liability_items,
       i.income AS income_items,
       a.active AS active_actions,
       o.active AS active_objectives,
       greatest(m.changed, u.changed, i.changed, a.changed, o.changed, h.changed) AS last_activity,
       CASE WHEN m.products > 50 THEN 'HIGH_COMPLEXITY'
            WHEN m.products > 20 THEN 'MEDIUM_COMPLEXITY'
            ELSE 'LOW_COMPLEXITY' END AS complexity_indicator
FROM client_groups AS g
CROSS JOIN LATERAL (
    SELECT count(*) AS products, count(*) FILTER (WHERE p.status = 'active') AS active,
           max(p.created_at) AS changed
    FROM client_products AS p
    WHERE p.client_id = g.id
) AS m
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END), 0)::numeric(20, 2) AS managed
    FROM networth_parts AS n
    WHERE n.client_group_id = g.id AND n.source = 'managed_products'
) AS v
CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.owners), 0)::bigint AS records, coalesce(max(c.owners), 0) AS most
    FROM (
        SELECT count(*) AS owners
        FROM client_products AS p
        JOIN product_ownership AS s ON s.product_id = p.id
        WHERE p.client_id = g.id
        GROUP BY p.id
    ) AS c
) AS w
CROSS JOIN LATERAL (
    SELECT max(p.updated_at) AS changed
    FROM client_unmanaged_products AS p
    WHERE p.client_group_id = g.id
) AS u
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.item_type = 'assets_liabilities'
                              AND NOT is_liability_item(c.item_category, c.data_content)) AS assets,
           count(*) FILTER (WHERE c.item_type = 'assets_liabilities'
                              AND is_liability_item(c.item_category, c.data_content)) AS liabilities,
           count(*) FILTER (WHERE c.item_type = 'income_expenditure') AS income,
           max(c.updated_at) AS changed
    FROM client_information_items AS c
    WHERE c.client_group_id = g.id
) AS i
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'outstanding' AND c.active) AS active, max(c.updated_at) AS changed
    FROM client_actions AS c
    WHERE c.client_group_id = g.id
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE c.status = 'active') AS active, max(c.updated_at) AS changed
    FROM client_objectives AS c
    WHERE c.client_group_id = g.id
) AS o
CROSS JOIN LATERAL (
    SELECT (SELECT c.occurred_at
            FROM (SELECT r.table_name, r.occurred_at FROM row_history AS r
                  WHERE r.client_group_id = g.id
                  ORDER BY r.occurred_at DESC OFFSET 0) AS c
            WHERE c.table_name IN ('client_products', 'client_unmanaged_products', 'client_information_items',
                                   'client_actions', 'client_objectives')
            ORDER BY c.occurred_at DESC
            LIMIT 1) AS changed
) AS h;
COMMENT ON VIEW client_dense_summary_source IS
    'What client_dense_summary must hold, computed now from the tables';
