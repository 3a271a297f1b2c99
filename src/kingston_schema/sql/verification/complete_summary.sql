-- verification complete_summary
-- client_complete_summary beside a recomputation from the tables that shares no view or function with its refresh: every
-- column of every active client group.  Where several newest valuations of a portfolio are equally new, each is right.
-- Client groups that wait for a refresh (summary_dirty) are left out and counted.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: complete_summary
-- stages: verify
-- from: phase_6_summaries
-- severity: critical
-- needed: every column of every client group as recomputed from the tables
-- fix: SELECT refresh_client_complete_summary()
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
), product AS (
    SELECT p.client_id, sum((p.status = 'active')::integer) AS active FROM client_products AS p GROUP BY p.client_id
), unmanaged AS (
    SELECT u.client_group_id, count(*) AS products, round(sum(u.latest_valuation), 2) AS worth
    FROM client_unmanaged_products AS u WHERE u.status = 'active' GROUP BY u.client_group_id
), item AS (
    SELECT i.client_group_id, count(*) AS items, sum((i.item_type = 'assets_liabilities')::integer) AS assets
    FROM client_information_items AS i GROUP BY i.client_group_id
), action AS (
    SELECT a.client_group_id, count(*) AS actions, sum((a.status = 'outstanding')::integer) AS outstanding
    FROM client_actions AS a GROUP BY a.client_group_id
), objective AS (
    SELECT o.client_group_id, count(*) AS objectives, sum((o.status = 'active')::integer) AS active
    FROM client_objectives AS o GROUP BY o.client_group_id
), statement AS (
    SELECT s.client_group_id, count(*) AS statements, max(s.created_at) AS latest
    FROM networth_statements AS s GROUP BY s.client_group_id
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
), computed AS (
    SELECT g.id, g.name, g.type, g.status, coalesce(p.active, 0) AS managed_products, coalesce(m.low, 0) AS low,
           coalesce(m.high, 0) AS high, coalesce(u.products, 0) AS unmanaged_products, coalesce(u.worth, 0) AS unmanaged,
           coalesce(i.items, 0) AS items, coalesce(i.assets, 0) AS assets, coalesce(a.actions, 0) AS actions,
           coalesce(a.outstanding, 0) AS outstanding, coalesce(o.objectives, 0) AS objectives, coalesce(o.active, 0) AS active,
           coalesce(s.statements, 0) AS statements, s.latest AS statement_at, t.latest
    FROM client_groups AS g
    LEFT JOIN product AS p ON p.client_id = g.id
    LEFT JOIN managed AS m ON m.client_id = g.id
    LEFT JOIN unmanaged AS u ON u.client_group_id = g.id
    LEFT JOIN item AS i ON i.client_group_id = g.id
    LEFT JOIN action AS a ON a.client_group_id = g.id
    LEFT JOIN objective AS o ON o.client_group_id = g.id
    LEFT JOIN statement AS s ON s.client_group_id = g.id
    LEFT JOIN moment AS t ON t.client_group_id = g.id
    WHERE g.status = 'active'
), pair AS (
    SELECT coalesce(c.id, s.client_group_id) AS id, to_jsonb(s) AS stated, s.total_managed_value AS managed_stated,
           CASE WHEN c.id IS NOT NULL THEN jsonb_build_object(
               'client_group_id', c.id, 'client_name', c.name, 'client_type', c.type, 'status', c.status,
               'managed_product_count', c.managed_products, 'total_managed_value', w.managed,
               'unmanaged_product_count', c.unmanaged_products, 'total_unmanaged_value', c.unmanaged,
               'information_item_count', c.items, 'asset_item_count', c.assets, 'total_actions', c.actions,
               'outstanding_actions', c.outstanding, 'total_objectives', c.objectives, 'active_objectives', c.active,
               'total_client_value', w.managed + c.unmanaged, 'networth_statement_count', c.statements,
               'last_networth_statement', c.statement_at, 'last_updated', c.latest) END AS computed, w.managed
    FROM computed AS c
    FULL JOIN client_complete_summary AS s ON s.client_group_id = c.id
    CROSS JOIN LATERAL (SELECT CASE WHEN s.total_managed_value BETWEEN c.low AND c.high THEN s.total_managed_value
                                    ELSE c.low END AS managed) AS w
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
       format('%s of %s client groups differ, managed value %s stated, %s recomputed; %s wait for a refresh',
              count(j.wrong) FILTER (WHERE NOT j.waits), count(*) FILTER (WHERE NOT j.waits),
              coalesce(sum(j.managed_stated) FILTER (WHERE NOT j.waits), 0), coalesce(sum(j.managed) FILTER (WHERE NOT j.waits), 0),
              count(*) FILTER (WHERE j.waits)) AS found,
       (array_agg(format('client group %s: %s', j.id, j.wrong) ORDER BY j.id) FILTER (WHERE j.wrong IS NOT NULL AND NOT j.waits))[1:20] AS keys
FROM judged AS j;
