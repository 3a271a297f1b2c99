-- function benchmark_queries()
-- The registry of queries that are measured: every name has exactly one text, so the run before the
-- migration and the run after it execute the same statement (errata E-076, E-137, E-146).
-- kind: baseline (measured in phase 1 and compared later), probe (compared with limit_ms only), suite
-- (run_performance_test_suite, N-059 to N-062) or dense (monitor_dense_query_performance, N-002, N-087).
-- minimum_rows: below that many rows a time says nothing, and the result is NULL (errata E-145).
-- The three baselines are those of document 000 (C-009) with the names of the real portal; rows are
-- ordered so that LIMIT takes the same rows each time.  The JSON probes (C-039, limits N-037, N-038) ask
-- with operators that the indexes serve, about keys that are really written (errata E-156, E-200).
-- Called by measure_query.  Tests: tests/sql/test_measure_query.py
CREATE OR REPLACE FUNCTION benchmark_queries()
RETURNS TABLE (query_name text, kind text, limit_ms numeric, minimum_rows integer, query text)
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $body$
VALUES
('client_data_retrieval'::text, 'baseline'::text, NULL::numeric, 10, $query$
    SELECT g.id, g.name, count(p.id) AS product_count
    FROM client_groups AS g
    LEFT JOIN client_products AS p ON p.client_id = g.id
    WHERE g.status = 'active'
    GROUP BY g.id
    ORDER BY g.id
    LIMIT 100
$query$::text),
('product_ownership_query', 'baseline', NULL, 10, $query$
    SELECT p.id, p.product_name, coalesce(o.known_as, concat(o.firstname, ' ', o.surname)) AS owner_name,
           l.created_at
    FROM client_products AS p
    JOIN product_owner_products AS l ON l.product_id = p.id
    JOIN product_owners AS o ON o.id = l.product_owner_id
    WHERE p.status = 'active'
    ORDER BY p.id, l.id
    LIMIT 100
$query$),
('portfolio_valuation_aggregation', 'baseline', NULL, 10, $query$
    SELECT p.id, sum(v.valuation) AS total_value
    FROM client_products AS p
    JOIN portfolios AS f ON f.id = p.portfolio_id
    JOIN portfolio_valuations AS v ON v.portfolio_id = f.id
    WHERE p.status = 'active'
    GROUP BY p.id
    ORDER BY p.id
    LIMIT 50
$query$),
('json_containment_query', 'probe', 100, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details @> '{"association_type": "joint_ownership"}'
    LIMIT 100
$query$),
('json_key_existence_query', 'probe', 100, 1, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ? (SELECT min(l.product_owner_id)::text FROM product_owner_products AS l)
$query$),
('json_path_query', 'probe', 150, 10, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ->> 'association_type' = 'tenants_in_common'
    ORDER BY p.id
    LIMIT 100
$query$),
('client_ownership_retrieval', 'suite', 2000, 10, $query$
    SELECT g.id, g.name, p.ownership_details
    FROM client_groups AS g
    LEFT JOIN client_products AS p ON p.client_id = g.id
    WHERE g.status = 'active'
    ORDER BY g.id, p.id
    LIMIT 100
$query$),
('json_ownership_queries', 'suite', 1000, 1, $query$
    SELECT p.id, p.product_name
    FROM client_products AS p
    WHERE p.ownership_details ? (SELECT min(l.product_owner_id)::text FROM product_owner_products AS l)
      AND p.ownership_details ->> 'association_type' = 'tenants_in_common'
    LIMIT 50
$query$),
('information_items_retrieval', 'suite', 1500, 10, $query$
    SELECT i.id, i.item_category, i.data_content
    FROM client_information_items AS i
    WHERE i.item_type = 'assets_liabilities' AND i.data_content ? 'latest_valuation'
    ORDER BY i.id
    LIMIT 50
$query$),
('materialized_view_performance', 'suite', 500, 10, $query$
    SELECT s.*
    FROM client_complete_summary AS s
    WHERE s.total_client_value > 10000
    ORDER BY s.total_client_value DESC
    LIMIT 20
$query$),
('dense_page_by_offset', 'dense', 500, 50, $query$
    SELECT * FROM get_client_dense_page(0, 500)
$query$),
('dense_page_by_key', 'dense', 500, 50, $query$
    SELECT * FROM get_client_dense_page(0, 500, 'total_active_value', 'DESC', NULL, '1e15', 0)
$query$),
('dense_summary_window', 'dense', 500, 50, $query$
    SELECT s.*
    FROM client_dense_summary AS s
    ORDER BY left(coalesce(s.group_name, ''), 250), s.client_group_id
    LIMIT 1000
$query$)
$body$;
COMMENT ON FUNCTION benchmark_queries() IS 'The named queries whose speed is measured, each with its one text';
