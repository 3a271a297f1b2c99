-- verification ownership_summary
-- client_ownership_summary beside a recomputation from documents, links and valuations: every column of every owner of
-- every active client group.  Shares are taken from the documents here (equal ones for joint owners, in hundredths, the
-- first ones the larger); a portfolio that several products of a group share counts with the product of the lowest id.
-- Client groups that wait for a refresh (summary_dirty) are left out and counted.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: ownership_summary
-- stages: verify
-- from: phase_6_summaries
-- severity: critical
-- needed: every column of every owner as recomputed from the tables
-- fix: SELECT refresh_client_ownership_summary()
WITH ranked AS (
    SELECT v.portfolio_id, coalesce(nullif(v.valuation, 'NaN'), 0) AS worth,
           rank() OVER (PARTITION BY v.portfolio_id ORDER BY v.valuation_date DESC, v.created_at DESC) AS place
    FROM portfolio_valuations AS v
), newest AS (
    SELECT r.portfolio_id, min(r.worth) AS low, max(r.worth) AS high FROM ranked AS r WHERE r.place = 1 GROUP BY r.portfolio_id
), counted AS (
    SELECT p.client_id, p.portfolio_id, min(p.id) AS product_id FROM client_products AS p
    WHERE p.status = 'active' AND p.portfolio_id IS NOT NULL GROUP BY 1, 2
), holding AS (
    SELECT 'managed' AS kind, p.client_id AS client_group_id, p.id, p.ownership_details AS doc,
           coalesce(n.low, 0) AS low, coalesce(n.high, 0) AS high
    FROM client_products AS p
    LEFT JOIN counted AS c ON c.product_id = p.id
    LEFT JOIN newest AS n ON n.portfolio_id = c.portfolio_id
    WHERE p.status = 'active'
    UNION ALL
    SELECT 'unmanaged', u.client_group_id, u.id, u.ownership_details, coalesce(u.latest_valuation, 0), coalesce(u.latest_valuation, 0)
    FROM client_unmanaged_products AS u WHERE u.status = 'active'
    UNION ALL
    SELECT 'item', i.client_group_id, i.id, i.data_content -> 'associated_product_owners', 0, 0 FROM client_information_items AS i
), joint AS (
    SELECT x.kind, x.id, x.owner, row_number() OVER w AS place, count(*) OVER (PARTITION BY x.kind, x.id) AS owners
    FROM (SELECT h.kind, h.id, j.owner, min(j.place) AS place
          FROM holding AS h
          CROSS JOIN LATERAL jsonb_array_elements_text(h.doc -> 'joint_owners') WITH ORDINALITY AS j (owner, place)
          WHERE h.doc ->> 'association_type' = 'joint_ownership' AND jsonb_typeof(h.doc -> 'joint_owners') = 'array'
            AND j.owner ~ '^[1-9][0-9]{0,17}$'
          GROUP BY h.kind, h.id, j.owner) AS x
    WINDOW w AS (PARTITION BY x.kind, x.id ORDER BY x.place)
), share AS (
    SELECT j.kind, j.id, j.owner::bigint AS owner,
           (floor(10000.0 / j.owners) + CASE WHEN j.place <= mod(10000, j.owners) THEN 1 ELSE 0 END) / 100 AS percentage
    FROM joint AS j
    UNION ALL
    SELECT h.kind, h.id, e.key::bigint, CASE WHEN jsonb_typeof(e.value) = 'number' THEN e.value::numeric END
    FROM holding AS h
    CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(h.doc) = 'object' THEN h.doc ELSE '{}' END) AS e
    WHERE h.doc ->> 'association_type' IN ('individual', 'tenants_in_common') AND e.key ~ '^[1-9][0-9]{0,17}$'
    UNION ALL
    SELECT 'item', i.id, e.value::numeric::bigint, NULL
    FROM client_information_items AS i
    CROSS JOIN LATERAL jsonb_path_query(i.data_content, 'lax $.product_owners[*] ? (@.type() == "number")') AS e (value)
), added AS (
    SELECT h.client_group_id, s.owner, count(*) FILTER (WHERE h.kind = 'managed') AS managed,
           round(coalesce(sum(h.low * s.percentage / 100) FILTER (WHERE h.kind = 'managed'), 0), 6) AS low,
           round(coalesce(sum(h.high * s.percentage / 100) FILTER (WHERE h.kind = 'managed'), 0), 6) AS high,
           count(*) FILTER (WHERE h.kind = 'unmanaged') AS unmanaged,
           round(coalesce(sum(h.low * s.percentage / 100) FILTER (WHERE h.kind = 'unmanaged'), 0), 6) AS unmanaged_worth,
           count(DISTINCT h.id) FILTER (WHERE h.kind = 'item') AS items
    FROM holding AS h JOIN share AS s ON s.kind = h.kind AND s.id = h.id
    GROUP BY h.client_group_id, s.owner
), computed AS (
    SELECT a.*, coalesce(o.known_as, concat(o.firstname, ' ', o.surname)) AS name
    FROM added AS a
    JOIN client_groups AS g ON g.id = a.client_group_id AND g.status = 'active'
    JOIN product_owners AS o ON o.id = a.owner
    WHERE EXISTS (SELECT 1 FROM client_group_product_owners AS m
                  WHERE m.client_group_id = a.client_group_id AND m.product_owner_id = a.owner)
), pair AS (
    SELECT coalesce(c.client_group_id, s.client_group_id) AS id, coalesce(c.owner, s.product_owner_id) AS owner, to_jsonb(s) AS stated,
           s.managed_ownership_value + s.unmanaged_ownership_value AS worth_stated, w.managed + c.unmanaged_worth AS worth,
           CASE WHEN c.owner IS NOT NULL THEN jsonb_build_object(
               'client_group_id', c.client_group_id, 'product_owner_id', c.owner, 'owner_name', c.name,
               'managed_products_owned', c.managed, 'managed_ownership_value', w.managed,
               'unmanaged_products_owned', c.unmanaged, 'unmanaged_ownership_value', c.unmanaged_worth,
               'information_items_owned', c.items) END AS computed
    FROM computed AS c
    FULL JOIN client_ownership_summary AS s ON s.client_group_id = c.client_group_id AND s.product_owner_id = c.owner
    CROSS JOIN LATERAL (SELECT CASE WHEN s.managed_ownership_value BETWEEN least(c.low, c.high) AND greatest(c.low, c.high)
                                    THEN s.managed_ownership_value ELSE c.low END AS managed) AS w
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
       format('%s of %s owners differ, value %s stated, %s recomputed; %s wait for a refresh',
              count(j.wrong) FILTER (WHERE NOT j.waits), count(*) FILTER (WHERE NOT j.waits),
              round(coalesce(sum(j.worth_stated) FILTER (WHERE NOT j.waits), 0), 2),
              round(coalesce(sum(j.worth) FILTER (WHERE NOT j.waits), 0), 2), count(*) FILTER (WHERE j.waits)) AS found,
       (array_agg(format('client group %s owner %s: %s', j.id, j.owner, j.wrong) ORDER BY j.id, j.owner)
           FILTER (WHERE j.wrong IS NOT NULL AND NOT j.waits))[1:20] AS keys
FROM judged AS j;
