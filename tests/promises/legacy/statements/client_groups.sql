-- Client groups (7 to 16).

-- 7 client_groups.create_client_group
INSERT INTO client_groups (name, status, type, created_at, advisor_id, advisor)
    VALUES ('Ngũgĩ & Co', 'active', 'Trust', '2026-11-20', %(profile)s, '') RETURNING *;
SELECT * FROM client_groups WHERE id = %(new_client_groups)s;

-- 7 client_groups.create_client_group without any value
INSERT INTO client_groups DEFAULT VALUES RETURNING *;

-- 8 client_groups.update and patch
SELECT * FROM client_groups WHERE id = %(group)s;
UPDATE client_groups SET name = NULL, advisor = 'Somebody', advisor_id = 2147483000, type = 'Circus' WHERE id = %(group)s
    RETURNING *;
UPDATE client_groups SET created_at = '2020-02-29', status = 'anything at all' WHERE id = %(group)s RETURNING *;

-- 9 client_groups.update_status
UPDATE client_groups SET status = 'dormant' WHERE id = %(group)s RETURNING *;
UPDATE client_groups SET status = NULL RETURNING id;

-- 10 client_groups.get_client_groups
SELECT * FROM client_groups WHERE status = 'active' ORDER BY name, id;
SELECT * FROM client_groups ORDER BY created_at DESC, id LIMIT 5 OFFSET 2;
SELECT count(*) FROM client_groups WHERE status IS DISTINCT FROM 'deleted';

-- 11 client_groups.bulk_client_data
SELECT g.id, g.name, count(DISTINCT p.id) AS products, sum(v.valuation) AS worth, count(h.id) AS holdings,
       string_agg(DISTINCT r.name, ', ' ORDER BY r.name) AS providers
FROM client_groups AS g
LEFT JOIN client_products AS p ON p.client_id = g.id
LEFT JOIN available_providers AS r ON r.id = p.provider_id
LEFT JOIN portfolios AS f ON f.id = p.portfolio_id
LEFT JOIN latest_portfolio_valuations AS v ON v.portfolio_id = f.id
LEFT JOIN portfolio_funds AS h ON h.portfolio_id = f.id
GROUP BY g.id, g.name ORDER BY g.id;

-- 12 client_groups.bulk_client_data_optimized
SELECT g.*, a.first_name, a.last_name, a.email
FROM client_groups AS g LEFT JOIN profiles AS a ON a.id = g.advisor_id ORDER BY g.id;

-- 13 client_groups.complete, products
SELECT p.*, g.name AS client_name, r.name AS provider_name, r.theme_color, f.portfolio_name, v.valuation, v.valuation_date,
       i.irr_result, i.date, t.generation_name, k.name AS template_name
FROM client_products AS p
JOIN client_groups AS g ON g.id = p.client_id
LEFT JOIN available_providers AS r ON r.id = p.provider_id
LEFT JOIN portfolios AS f ON f.id = p.portfolio_id
LEFT JOIN latest_portfolio_valuations AS v ON v.portfolio_id = f.id
LEFT JOIN latest_portfolio_irr_values AS i ON i.portfolio_id = f.id
LEFT JOIN template_portfolio_generations AS t ON t.id = f.template_generation_id
LEFT JOIN available_portfolios AS k ON k.id = t.available_portfolio_id
WHERE p.client_id = %(group)s ORDER BY p.id;
SELECT l.product_id, o.id, o.firstname, o.surname, o.known_as, o.status
FROM product_owner_products AS l JOIN product_owners AS o ON o.id = l.product_owner_id
JOIN client_products AS p ON p.id = l.product_id WHERE p.client_id = %(group)s ORDER BY l.id;

-- 14 client_groups.complete, funds
SELECT h.*, a.fund_name, a.isin_number, a.risk_factor, v.valuation, v.valuation_date, i.irr_result, s.total_investments,
       s.total_withdrawals, s.total_switch_in, s.total_switch_out, s.activity_count
FROM portfolio_funds AS h
JOIN available_funds AS a ON a.id = h.available_funds_id
LEFT JOIN latest_portfolio_fund_valuations AS v ON v.portfolio_fund_id = h.id
LEFT JOIN latest_portfolio_fund_irr_values AS i ON i.fund_id = h.id
LEFT JOIN fund_activity_summary AS s ON s.portfolio_fund_id = h.id
WHERE h.portfolio_id = ANY (SELECT portfolio_id FROM client_products WHERE client_id = %(group)s) ORDER BY h.id;
SELECT l.portfolio_fund_id, l.activity_type, sum(l.amount) FROM holding_activity_log AS l
WHERE l.portfolio_fund_id = %(holding)s GROUP BY 1, 2 ORDER BY 1, 2;

-- 15 client_groups.delete_client_group_products
SELECT array_agg(DISTINCT f.id) AS keep_portfolios, array_agg(DISTINCT p.id) AS keep_products
FROM client_products AS p JOIN portfolios AS f ON f.id = p.portfolio_id WHERE p.client_id = %(group)s;
SELECT array_agg(id ORDER BY id) AS keep_holdings FROM portfolio_funds WHERE portfolio_id = ANY (%(portfolios)s::int[]);
DELETE FROM client_group_product_owners WHERE client_group_id = %(group)s;
DELETE FROM portfolio_fund_irr_values WHERE fund_id = ANY (%(holdings)s::int[]);
DELETE FROM portfolio_irr_values WHERE portfolio_id = ANY (%(portfolios)s::int[]);
DELETE FROM portfolio_fund_valuations WHERE portfolio_fund_id = ANY (%(holdings)s::int[]);
DELETE FROM portfolio_valuations WHERE portfolio_id = ANY (%(portfolios)s::int[]);
DELETE FROM holding_activity_log WHERE portfolio_fund_id = ANY (%(holdings)s::int[]);
DELETE FROM provider_switch_log WHERE client_product_id = ANY (%(products)s::int[]);
DELETE FROM product_owner_products WHERE product_id = ANY (%(products)s::int[]);
DELETE FROM portfolio_funds WHERE id = ANY (%(holdings)s::int[]);
DELETE FROM client_products WHERE client_id = %(group)s;
DELETE FROM portfolios WHERE id = ANY (%(portfolios)s::int[]);
SELECT count(*) FROM client_products;

-- 16 client_groups.delete_client_group
DELETE FROM client_groups WHERE id = %(group)s RETURNING id;
SELECT (SELECT count(*) FROM client_products), (SELECT count(*) FROM product_owner_products),
       (SELECT count(*) FROM client_group_product_owners), (SELECT count(*) FROM holding_activity_log);

-- 16 client_groups.delete_client_group, all of them
DELETE FROM client_groups;
SELECT (SELECT count(*) FROM client_products), (SELECT count(*) FROM product_owner_products),
       (SELECT count(*) FROM client_group_product_owners), (SELECT count(*) FROM portfolios);
