-- verification dense_summary
-- client_dense_summary beside a recomputation from the tables: every column of every client group.  What is a liability is
-- the one definition taken over (is_liability_item); everything else is counted here.
-- Client groups that wait for a refresh (summary_dirty) are left out and counted.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: dense_summary
-- stages: verify
-- from: phase_6_summaries
-- severity: critical
-- needed: every column of every client group as recomputed from the tables
-- fix: SELECT * FROM refresh_dense_data_views()
WITH ranked AS (
    SELECT v.portfolio_id, coalesce(nullif(v.valuation, 'NaN'), 0) AS worth,
           rank() OVER (PARTITION BY v.portfolio_id ORDER BY v.valuation_date DESC, v.created_at DESC) AS place
    FROM portfolio_valuations AS v
), newest AS (
    SELECT r.portfolio_id, min(r.worth) AS low, max(r.worth) AS high FROM ranked AS r WHERE r.place = 1 GROUP BY r.portfolio_id
), managed AS (
    SELECT d.client_id, round(sum(n.low), 2) AS low, round(sum(n.high), 2) AS high
    FROM (SELECT DISTINCT p.client_id, p.portfolio_id FROM client_products AS p WHERE p.status = 'active') AS d
    JOIN newest AS n ON n.portfolio_id = d.portfolio_id
    GROUP BY d.client_id
), owned AS (
    SELECT p.client_id, p.id, p.status,
           (SELECT count(DISTINCT k.owner) FROM (
                SELECT e.key FROM jsonb_each(p.ownership_details) AS e
                WHERE p.ownership_details ->> 'association_type' IN ('individual', 'tenants_in_common')
                UNION ALL
                SELECT j.owner FROM jsonb_array_elements_text(CASE jsonb_typeof(p.ownership_details -> 'joint_owners')
                    WHEN 'array' THEN p.ownership_details -> 'joint_owners' ELSE '[]' END) AS j (owner)
                WHERE p.ownership_details ->> 'association_type' = 'joint_ownership') AS k (owner)
            WHERE k.owner ~ '^[1-9][0-9]{0,17}$') AS owners
    FROM client_products AS p
), product AS (
    SELECT o.client_id, count(*) AS products, sum((o.status = 'active')::integer) AS active, sum(o.owners) AS records, max(o.owners) AS most
    FROM owned AS o GROUP BY o.client_id
), item AS (
    SELECT i.client_group_id,
           sum((i.item_type = 'assets_liabilities' AND NOT is_liability_item(i.item_category, i.data_content))::integer) AS assets,
           sum((i.item_type = 'assets_liabilities' AND is_liability_item(i.item_category, i.data_content))::integer) AS liabilities,
           sum((i.item_type = 'income_expenditure')::integer) AS income
    FROM client_information_items AS i GROUP BY i.client_group_id
), action AS (
    SELECT a.client_group_id, sum((a.status = 'outstanding' AND a.active)::integer) AS active
    FROM client_actions AS a GROUP BY a.client_group_id
), objective AS (
    SELECT o.client_group_id, sum((o.status = 'active')::integer) AS active FROM client_objectives AS o GROUP BY o.client_group_id
), moment AS (
    SELECT t.client_group_id, max(t.at) AS latest
    FROM (SELECT p.client_id AS client_group_id, p.created_at AS at FROM client_products AS p
          UNION ALL SELECT u.client_group_id, u.updated_at FROM client_unmanaged_products AS u
          UNION ALL SELECT i.client_group_id, i.updated_at FROM client_information_items AS i
          UNION ALL SELECT a.client_group_id, a.updated_at FROM client_actions AS a
          UNION ALL SELECT o.client_group_id, o.updated_at FROM client_objectives AS o
          UNION ALL SELECT h.client_group_id, h.occurred_at FROM row_history AS h
          WHERE h.table_name = ANY ('{client_products,client_unmanaged_products,client_information_items,client_actions,client_objectives}')) AS t
    GROUP BY t.client_group_id
), pair AS (
    SELECT coalesce(g.id, s.client_group_id) AS id, to_jsonb(s) AS stated, s.total_active_value AS managed_stated, w.managed,
           CASE WHEN g.id IS NOT NULL THEN jsonb_build_object(
               'client_group_id', g.id, 'group_name', g.name, 'description', NULL, 'total_products', coalesce(p.products, 0),
               'active_products', coalesce(p.active, 0), 'total_active_value', w.managed, 'ownership_records', coalesce(p.records, 0),
               'max_owners_per_product', coalesce(p.most, 0), 'asset_items', coalesce(i.assets, 0),
               'liability_items', coalesce(i.liabilities, 0), 'income_items', coalesce(i.income, 0),
               'active_actions', coalesce(a.active, 0), 'active_objectives', coalesce(o.active, 0), 'last_activity', t.latest,
               'complexity_indicator', CASE WHEN coalesce(p.products, 0) <= 20 THEN 'LOW_COMPLEXITY'
                    WHEN p.products <= 50 THEN 'MEDIUM_COMPLEXITY' ELSE 'HIGH_COMPLEXITY' END) END AS computed
    FROM client_groups AS g
    LEFT JOIN product AS p ON p.client_id = g.id
    LEFT JOIN managed AS m ON m.client_id = g.id
    LEFT JOIN item AS i ON i.client_group_id = g.id
    LEFT JOIN action AS a ON a.client_group_id = g.id
    LEFT JOIN objective AS o ON o.client_group_id = g.id
    LEFT JOIN moment AS t ON t.client_group_id = g.id
    FULL JOIN client_dense_summary AS s ON s.client_group_id = g.id
    CROSS JOIN LATERAL (SELECT CASE WHEN s.total_active_value BETWEEN coalesce(m.low, 0) AND coalesce(m.high, 0)
                                    THEN s.total_active_value ELSE coalesce(m.low, 0) END AS managed) AS w
), judged AS (
    SELECT p.*, EXISTS (SELECT 1 FROM summary_dirty AS d WHERE d.client_group_id = p.id) AS waits,
           CASE WHEN p.stated IS NULL THEN 'missing'
                WHEN p.computed IS NULL THEN 'should not be there'
                ELSE (SELECT string_agg(format('%s is %s, recomputed %s', k.key, coalesce(p.stated ->> k.key, 'null'),
                                               coalesce(p.computed ->> k.key, 'null')), '; ' ORDER BY k.key)
                      FROM jsonb_object_keys(p.stated || p.computed) AS k (key)
                      WHERE p.stated -> k.key IS DISTINCT FROM p.computed -> k.key) END AS wrong
    FROM pair AS p
)
SELECT count(j.wrong) FILTER (WHERE NOT j.waits) = 0 AS ok,
       format('%s of %s client groups differ, active value %s stated, %s recomputed; %s wait for a refresh',
              count(j.wrong) FILTER (WHERE NOT j.waits), count(*) FILTER (WHERE NOT j.waits),
              coalesce(sum(j.managed_stated) FILTER (WHERE NOT j.waits), 0), coalesce(sum(j.managed) FILTER (WHERE NOT j.waits), 0),
              count(*) FILTER (WHERE j.waits)) AS found,
       (array_agg(format('client group %s: %s', j.id, j.wrong) ORDER BY j.id) FILTER (WHERE j.wrong IS NOT NULL AND NOT j.waits))[1:20] AS keys
FROM judged AS j;
