-- workload phase_2
-- The pages of Phase 2 (C-042, C-081 to C-083; N-002, N-037, N-043, N-061, N-087, N-132).  Reads only; as legacy.sql.
-- Run by kingston baseline and kingston load.  Tests: tests/operations/test_baseline.py, test_load.py

-- query: client_information_items
-- from: phase_2_client_information
-- weight: 10
-- warn_ms: 200
-- critical_ms: 500
-- multiplier: 1.25
-- keys: SELECT id AS client FROM client_groups ORDER BY id
SELECT i.* FROM client_information_items AS i WHERE i.client_group_id = %(client)s ORDER BY i.id;

-- query: outstanding_actions
-- from: phase_2_objectives_actions
-- weight: 5
-- keys: SELECT id AS client FROM client_groups ORDER BY id
SELECT a.* FROM client_actions AS a WHERE a.client_group_id = %(client)s AND a.status = 'outstanding' ORDER BY a.target_date, a.id;

-- query: product_shares
-- from: phase_3_ownership
-- weight: 10
-- warn_ms: 50
-- critical_ms: 200
-- keys: SELECT id AS product FROM client_products ORDER BY id
SELECT * FROM product_ownership WHERE product_id = %(product)s;

-- query: json_containment_query
-- from: phase_4_json_indexes
-- weight: 1
-- warn_ms: 100
-- critical_ms: 200
SELECT p.id, p.product_name FROM client_products AS p
WHERE p.ownership_details @> '{"association_type": "joint_ownership"}' LIMIT 100;

-- query: json_key_existence_query
-- from: phase_4_json_indexes
-- weight: 2
-- warn_ms: 100
-- critical_ms: 200
-- keys: SELECT id::text AS owner FROM product_owners ORDER BY id
SELECT p.id, p.product_name FROM client_products AS p WHERE p.ownership_details ? %(owner)s;

-- query: dense_page
-- from: phase_6_summaries
-- weight: 10
-- warn_ms: 300
-- critical_ms: 500
-- keys: SELECT 50 * (n - 1) AS page FROM generate_series(1, (SELECT greatest(1, count(*) / 50) FROM client_groups)) AS n
SELECT * FROM get_client_dense_page(%(page)s::integer, 50);

-- query: complete_summary
-- from: phase_6_summaries
-- weight: 5
-- warn_ms: 100
-- critical_ms: 500
-- keys: SELECT id AS client FROM client_groups ORDER BY id
SELECT * FROM client_complete_summary WHERE client_group_id = %(client)s;

-- query: wealthiest_clients
-- from: phase_6_summaries
-- weight: 2
-- warn_ms: 100
-- critical_ms: 500
SELECT * FROM client_complete_summary WHERE total_client_value > 10000 ORDER BY total_client_value DESC, client_group_id LIMIT 20;
