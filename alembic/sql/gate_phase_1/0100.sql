-- gate phase_1
-- Capacity, integrity of what phase 3 will convert, and the baselines that later phases are compared
-- with (C-008 to C-011).  Repeated or half-null links are legal in the portal and are reported only;
-- phase 3 converts the distinct owners that remain (errata E-047; legacy schema 6.2 row 15).
-- Tests: tests/revisions/test_gates.py

-- check: connections_warning
-- severity: warning
-- look: SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC
SELECT coalesce(u.percent < 80, false) AS ok,
       u.used || ' of ' || u.usable || ' connections in use (' || u.percent || ' %, limit 80 %)' AS found
FROM connection_use() AS u;

-- check: connections_critical
-- severity: critical
-- look: SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC
SELECT coalesce(u.percent < 95, false) AS ok,
       u.used || ' of ' || u.usable || ' connections in use (' || u.percent || ' %, limit 95 %)' AS found
FROM connection_use() AS u;

-- check: repeated_links
-- severity: warning
-- look: SELECT product_id, product_owner_id, count(*) FROM product_owner_products GROUP BY 1, 2 HAVING count(*) > 1
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 pair of product and owner is' ELSE count(*) || ' pairs of product and owner are' END || ' linked more than once; each owner counts once' AS found
FROM (SELECT 1
      FROM product_owner_products AS l
      WHERE l.product_id IS NOT NULL AND l.product_owner_id IS NOT NULL
      GROUP BY l.product_id, l.product_owner_id
      HAVING count(*) > 1) AS d;

-- check: half_links
-- severity: warning
-- look: SELECT id, product_id, product_owner_id FROM product_owner_products WHERE product_id IS NULL OR product_owner_id IS NULL
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 link has' ELSE count(*) || ' links have' END || ' no product or no owner and no meaning for ownership' AS found
FROM product_owner_products AS l
WHERE l.product_id IS NULL OR l.product_owner_id IS NULL;

-- check: orphaned_links
-- severity: critical
-- look: SELECT id, product_id, product_owner_id FROM product_owner_products
-- look: WHERE product_id NOT IN (SELECT id FROM client_products) OR product_owner_id NOT IN (SELECT id FROM product_owners)
-- Impossible while the foreign keys hold; a restored or bulk-loaded database may break that.
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 link points' ELSE count(*) || ' links point' END || ' to a product or owner that does not exist' AS found
FROM product_owner_products AS l
LEFT JOIN client_products AS p ON p.id = l.product_id
LEFT JOIN product_owners AS o ON o.id = l.product_owner_id
WHERE (l.product_id IS NOT NULL AND p.id IS NULL) OR (l.product_owner_id IS NOT NULL AND o.id IS NULL);

-- check: dangling_portfolios
-- severity: critical
-- look: SELECT id, portfolio_id FROM client_products p WHERE NOT EXISTS (SELECT 1 FROM portfolios f WHERE f.id = p.portfolio_id) AND portfolio_id IS NOT NULL
SELECT count(*) = 0 AS ok,
       CASE count(*) WHEN 1 THEN '1 product points' ELSE count(*) || ' products point' END || ' to a portfolio that does not exist'
       || coalesce(': product ' || (array_agg(p.id::text ORDER BY p.id))[1] || CASE WHEN count(*) > 1 THEN ' and others' ELSE '' END, '') AS found
FROM client_products AS p
WHERE p.portfolio_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM portfolios AS f WHERE f.id = p.portfolio_id);

-- check: products_without_client
-- severity: warning
-- look: SELECT id, product_name FROM client_products WHERE client_id IS NULL
SELECT count(*) = 0 AS ok, CASE count(*) WHEN 1 THEN '1 product belongs' ELSE count(*) || ' products belong' END || ' to no client group and to no summary' AS found
FROM client_products AS p
WHERE p.client_id IS NULL;

-- check: ids_below_2_31
-- severity: critical
-- look: SELECT * FROM (SELECT 'client_groups', max(id) FROM client_groups
-- look: UNION ALL SELECT 'client_products', max(id) FROM client_products
-- look: UNION ALL SELECT 'product_owners', max(id) FROM product_owners
-- look: UNION ALL SELECT 'product_owner_products', max(id) FROM product_owner_products
-- look: UNION ALL SELECT 'client_group_product_owners', max(id) FROM client_group_product_owners
-- look: UNION ALL SELECT 'portfolios', max(id) FROM portfolios
-- look: UNION ALL SELECT 'portfolio_funds', max(id) FROM portfolio_funds
-- look: UNION ALL SELECT 'portfolio_valuations', max(id) FROM portfolio_valuations
-- look: UNION ALL SELECT 'portfolio_fund_valuations', max(id) FROM portfolio_fund_valuations
-- look: UNION ALL SELECT 'portfolio_irr_values', max(id) FROM portfolio_irr_values
-- look: UNION ALL SELECT 'portfolio_fund_irr_values', max(id) FROM portfolio_fund_irr_values
-- look: UNION ALL SELECT 'holding_activity_log', max(id) FROM holding_activity_log
-- look: UNION ALL SELECT 'profiles', max(id) FROM profiles
-- look: UNION ALL SELECT 'available_funds', max(id) FROM available_funds
-- look: UNION ALL SELECT 'available_providers', max(id) FROM available_providers
-- look: ) AS largest (name, id) WHERE id >= 2147483648
-- The portal casts lists of ids to 32-bit integers.
SELECT count(*) FILTER (WHERE m.largest >= 2147483648) = 0 AS ok,
       coalesce('beyond 2^31: ' || string_agg(m.name || ' (' || m.largest || ')', ', ' ORDER BY m.name)
                    FILTER (WHERE m.largest >= 2147483648),
                'largest id is ' || coalesce(max(m.largest), 0)) AS found
FROM (
    SELECT 'client_groups' AS name, max(id) AS largest FROM client_groups
    UNION ALL SELECT 'client_products', max(id) FROM client_products
    UNION ALL SELECT 'product_owners', max(id) FROM product_owners
    UNION ALL SELECT 'product_owner_products', max(id) FROM product_owner_products
    UNION ALL SELECT 'client_group_product_owners', max(id) FROM client_group_product_owners
    UNION ALL SELECT 'portfolios', max(id) FROM portfolios
    UNION ALL SELECT 'portfolio_funds', max(id) FROM portfolio_funds
    UNION ALL SELECT 'portfolio_valuations', max(id) FROM portfolio_valuations
    UNION ALL SELECT 'portfolio_fund_valuations', max(id) FROM portfolio_fund_valuations
    UNION ALL SELECT 'portfolio_irr_values', max(id) FROM portfolio_irr_values
    UNION ALL SELECT 'portfolio_fund_irr_values', max(id) FROM portfolio_fund_irr_values
    UNION ALL SELECT 'holding_activity_log', max(id) FROM holding_activity_log
    UNION ALL SELECT 'profiles', max(id) FROM profiles
    UNION ALL SELECT 'available_funds', max(id) FROM available_funds
    UNION ALL SELECT 'available_providers', max(id) FROM available_providers
) AS m;

-- check: sequences_behind
-- severity: warning
-- look: SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = '@schema@' ORDER BY 1
SELECT count(*) = 0 AS ok,
       coalesce('the next id is taken already in: ' || string_agg(b.name, ', ' ORDER BY b.name), 'none') AS found
FROM (
    SELECT m.name
    FROM (
        SELECT 'client_groups' AS name, max(id) AS largest FROM client_groups
        UNION ALL SELECT 'client_products', max(id) FROM client_products
        UNION ALL SELECT 'product_owners', max(id) FROM product_owners
        UNION ALL SELECT 'product_owner_products', max(id) FROM product_owner_products
        UNION ALL SELECT 'client_group_product_owners', max(id) FROM client_group_product_owners
        UNION ALL SELECT 'portfolios', max(id) FROM portfolios
        UNION ALL SELECT 'profiles', max(id) FROM profiles
    ) AS m
    LEFT JOIN pg_sequences AS s ON s.schemaname = current_schema() AND s.sequencename = m.name || '_id_seq'
    WHERE m.largest > coalesce(s.last_value, 0)
) AS b;

-- check: baselines_measured
-- severity: critical
-- look: SELECT * FROM performance_baselines ORDER BY recorded_at DESC LIMIT 3
SELECT count(*) = 3 AND min(b.samples) >= 3 AS ok,
       count(*) || ' of 3 measured: '
       || coalesce(string_agg(b.query_name || ' ' || b.median_ms || ' ms (p95 ' || b.p95_ms || ', noise ' || b.noise_ms
                              || ', ' || b.samples || ' runs)', '; ' ORDER BY b.query_name), 'none') AS found
FROM record_baselines('phase_1') AS b;
