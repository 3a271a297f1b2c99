-- view client_complete_summary_source
-- What client_complete_summary must hold, computed now: one row per active client group (C-050).
-- Each child table is aggregated before it is joined, so no value is multiplied by another table's rows
-- (errata E-062).  Managed and unmanaged values come from networth_parts, the definition that net-worth
-- statements use: active products, the latest valuation of each portfolio (E-063), and a portfolio that
-- several active products of one group share counts once, with the product of the lowest id.
-- last_updated is the latest change of a product, unmanaged product, item, action or objective, deletions
-- included, from the row history; what is older than the history counts from created_at or updated_at;
-- NULL when there is nothing (E-069).
-- LATERAL: the cost is index scans per client group, so one group and one percent of them cost their
-- share of the whole, and the whole costs the same per group at any size.  OFFSET 0 keeps the look-up of the last change
-- on the index by group: with statistics from before the fill the one by table looks as good, and reads the whole history.
-- Called by refresh_summary.  Tests: tests/sql/test_client_complete_summary.py
CREATE OR REPLACE VIEW client_complete_summary_source AS
SELECT g.id AS client_group_id,
       g.name AS client_name,
       g.type AS client_type,
       g.status,
       m.products AS managed_product_count,
       v.managed AS total_managed_value,
       u.products AS unmanaged_product_count,
       v.unmanaged AS total_unmanaged_value,
       i.items AS information_item_count,
       i.assets AS asset_item_count,
       a.actions AS total_actions,
       a.outstanding AS outstanding_actions,
       o.objectives AS total_objectives,
       o.active AS active_objectives,
       (v.managed + v.unmanaged)::numeric(20, 2) AS total_client_value,
       s.statements AS networth_statement_count,
       s.latest AS last_networth_statement,
       greatest(m.changed, u.changed, i.changed, a.changed, o.changed, h.changed) AS last_updated
FROM client_groups AS g
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.status = 'active') AS products, max(p.created_at) AS changed
    FROM client_products AS p
    WHERE p.client_id = g.id
) AS m
CROSS JOIN LATERAL (
    SELECT coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END)
                        FILTER (WHERE n.source = 'managed_products'), 0)::numeric(20, 2) AS managed,
           coalesce(sum(CASE n.kind WHEN 'liability' THEN -n.amount ELSE n.amount END)
                        FILTER (WHERE n.source = 'unmanaged_products'), 0)::numeric(20, 2) AS unmanaged
    FROM networth_parts AS n
    WHERE n.client_group_id = g.id AND n.source IN ('managed_products', 'unmanaged_products')
) AS v
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE p.status = 'active') AS products, max(p.updated_at) AS changed
    FROM client_unmanaged_products AS p
    WHERE p.client_group_id = g.id
) AS u
CROSS JOIN LATERAL (
    SELECT count(*) AS items, count(*) FILTER (WHERE c.item_type = 'assets_liabilities') AS assets,
           max(c.updated_at) AS changed
    FROM client_information_items AS c
    WHERE c.client_group_id = g.id
) AS i
CROSS JOIN LATERAL (
    SELECT count(*) AS actions, count(*) FILTER (WHERE c.status = 'outstanding') AS outstanding,
           max(c.updated_at) AS changed
    FROM client_actions AS c
    WHERE c.client_group_id = g.id
) AS a
CROSS JOIN LATERAL (
    SELECT count(*) AS objectives, count(*) FILTER (WHERE c.status = 'active') AS active,
           max(c.updated_at) AS changed
    FROM client_objectives AS c
    WHERE c.client_group_id = g.id
) AS o
CROSS JOIN LATERAL (
    SELECT count(*) AS statements, max(c.created_at) AS latest
    FROM networth_statements AS c
    WHERE c.client_group_id = g.id
) AS s
CROSS JOIN LATERAL (
    SELECT (SELECT c.occurred_at
            FROM (SELECT r.table_name, r.occurred_at FROM row_history AS r
                  WHERE r.client_group_id = g.id
                  ORDER BY r.occurred_at DESC OFFSET 0) AS c
            WHERE c.table_name IN ('client_products', 'client_unmanaged_products', 'client_information_items',
                                   'client_actions', 'client_objectives')
            ORDER BY c.occurred_at DESC
            LIMIT 1) AS changed
) AS h
WHERE g.status = 'active';
COMMENT ON VIEW client_complete_summary_source IS
    'What client_complete_summary must hold, computed now from the tables';
