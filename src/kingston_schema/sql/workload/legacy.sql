-- workload legacy
-- What the Phase 1 portal asks most, and what documents 000 and 001 take as baselines (C-009, N-130 to N-132, N-139, N-154).
-- Reads only.  %(name)s is filled from `keys`, one query that gives its columns as parameters, row by row.
-- warn_ms and critical_ms are limits, multiplier how much slower than its baseline a query may become; where the
-- documents name none, 125, 150 and 1.25 hold (N-139, N-100).  weight: its share of the load.
-- Run by kingston baseline and kingston load.  Tests: tests/operations/test_baseline.py, test_load.py

-- query: client_groups_list
-- weight: 10
-- warn_ms: 150
-- critical_ms: 300
-- multiplier: 1.25
SELECT g.* FROM client_groups AS g WHERE g.status = 'active' ORDER BY g.name, g.id LIMIT 100;

-- query: client_group
-- weight: 20
-- keys: SELECT id AS client FROM client_groups ORDER BY id
SELECT g.*, p.first_name, p.last_name FROM client_groups AS g LEFT JOIN profiles AS p ON p.id = g.advisor_id WHERE g.id = %(client)s;

-- query: products_of_client
-- weight: 20
-- keys: SELECT id AS client FROM client_groups ORDER BY id
SELECT p.id, p.product_name, p.status, r.name, v.valuation, v.valuation_date
FROM client_products AS p
LEFT JOIN available_providers AS r ON r.id = p.provider_id
LEFT JOIN latest_portfolio_valuations AS v ON v.portfolio_id = p.portfolio_id
WHERE p.client_id = %(client)s ORDER BY p.id;

-- query: owners_of_product
-- weight: 20
-- keys: SELECT id AS product FROM client_products ORDER BY id
SELECT o.id, o.firstname, o.surname, o.known_as FROM product_owner_products AS l
JOIN product_owners AS o ON o.id = l.product_owner_id WHERE l.product_id = %(product)s ORDER BY l.id;

-- query: client_data_retrieval
-- weight: 2
-- multiplier: 1.15
SELECT g.id, g.name, count(p.id) AS product_count FROM client_groups AS g
LEFT JOIN client_products AS p ON p.client_id = g.id WHERE g.status = 'active' GROUP BY g.id ORDER BY g.id LIMIT 100;

-- query: portfolio_summary
-- weight: 3
-- warn_ms: 500
-- critical_ms: 1000
-- multiplier: 1.5
SELECT p.id, sum(v.valuation) AS total_value FROM client_products AS p JOIN portfolios AS f ON f.id = p.portfolio_id
JOIN portfolio_valuations AS v ON v.portfolio_id = f.id WHERE p.status = 'active' GROUP BY p.id ORDER BY p.id LIMIT 50;

-- query: product_ownership_query
-- weight: 2
-- multiplier: 1.15
SELECT p.id, p.product_name, coalesce(o.known_as, concat(o.firstname, ' ', o.surname)) AS owner_name, l.created_at
FROM client_products AS p JOIN product_owner_products AS l ON l.product_id = p.id
JOIN product_owners AS o ON o.id = l.product_owner_id WHERE p.status = 'active' ORDER BY p.id, l.id LIMIT 100;

-- query: products_list_view
-- weight: 2
-- warn_ms: 500
-- critical_ms: 2000
SELECT * FROM products_list_view ORDER BY id LIMIT 100;

-- query: client_groups_summary
-- weight: 2
-- warn_ms: 500
-- critical_ms: 2000
SELECT * FROM client_groups_summary ORDER BY id LIMIT 100;

-- query: company_revenue
-- weight: 1
-- warn_ms: 500
-- critical_ms: 2000
SELECT * FROM company_revenue_analytics;

-- query: fund_activity
-- weight: 1
-- warn_ms: 500
-- critical_ms: 2000
SELECT * FROM fund_activity_summary LIMIT 100;

-- query: activity_of_product
-- weight: 5
-- keys: SELECT id AS product FROM client_products ORDER BY id
SELECT a.* FROM holding_activity_log AS a WHERE a.product_id = %(product)s ORDER BY a.activity_timestamp DESC LIMIT 50;
