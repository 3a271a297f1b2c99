-- verification money_per_client
-- Client group by client group: what product_ownership gives to the owners of its active products is what those products
-- are worth at the latest valuation of their portfolio, to one part in ten thousand (shares may add up to 99.99 or 100.01).
-- Products without a document that names owners have no part in this; a portfolio counts with each product here.
-- Run by kingston verify.  Tests: tests/operations/test_verify.py

-- check: money_per_client
-- stages: verify
-- from: phase_3_ownership
-- severity: critical
-- needed: the owners' parts add up to the worth of the client group's products
-- fix: SELECT * FROM reconcile_ownership(); SELECT rebuild_ownership(ARRAY[…])
WITH newest AS (
    SELECT DISTINCT ON (v.portfolio_id) v.portfolio_id, coalesce(nullif(v.valuation, 'NaN'), 0) AS worth
    FROM portfolio_valuations AS v
    ORDER BY v.portfolio_id, v.valuation_date DESC, v.created_at DESC, v.id DESC
), product AS (
    SELECT p.client_id, p.id, coalesce(n.worth, 0) AS worth
    FROM client_products AS p LEFT JOIN newest AS n ON n.portfolio_id = p.portfolio_id
    WHERE p.status = 'active' AND p.client_id IS NOT NULL
      AND EXISTS (SELECT 1 FROM product_owner_products AS l WHERE l.product_id = p.id AND l.product_owner_id > 0)
), part AS (
    SELECT o.product_id, sum(o.percentage) / 100 AS share FROM product_ownership AS o GROUP BY o.product_id
), judged AS (
    SELECT p.client_id, sum(p.worth) AS worth, sum(p.worth * coalesce(a.share, 0)) AS parts, sum(abs(p.worth)) AS size
    FROM product AS p LEFT JOIN part AS a ON a.product_id = p.id
    GROUP BY p.client_id
)
SELECT count(*) FILTER (WHERE abs(j.worth - j.parts) > 0.0001 * j.size + 0.005) = 0 AS ok,
       format('%s of %s client groups differ; products are worth %s, their owners hold %s',
              count(*) FILTER (WHERE abs(j.worth - j.parts) > 0.0001 * j.size + 0.005), count(*),
              round(coalesce(sum(j.worth), 0), 2), round(coalesce(sum(j.parts), 0), 2)) AS found,
       (array_agg(format('client group %s: products are worth %s, their owners hold %s', j.client_id, round(j.worth, 2), round(j.parts, 2))
                  ORDER BY j.client_id) FILTER (WHERE abs(j.worth - j.parts) > 0.0001 * j.size + 0.005))[1:20] AS keys
FROM judged AS j;
