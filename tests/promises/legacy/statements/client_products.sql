-- Products (17 to 26).

-- 17 client_products.create_client_product
INSERT INTO client_products (client_id, product_name, status, start_date, plan_number, provider_id, product_type,
        template_generation_id, fixed_fee_direct, fixed_fee_facilitated, percentage_fee_facilitated, portfolio_id)
    VALUES (%(group)s, 'An ISA', 'active', '2026-01-01', 'P-1', %(provider)s, 'ISA', NULL, '10.5', NULL, '0.75', %(portfolio)s)
    RETURNING *;

-- 17 client_products.create_client_product with a portfolio of its own
INSERT INTO client_products (client_id, product_name, status, start_date, plan_number, provider_id, product_type,
        template_generation_id, fixed_fee_direct, fixed_fee_facilitated, percentage_fee_facilitated)
    VALUES (%(group)s, NULL, 'whatever', NULL, NULL, NULL, NULL, 2147483000, NULL, NULL, NULL) RETURNING *;
INSERT INTO portfolios (portfolio_name, status, start_date) VALUES ('For it', 'active', '2026-01-01') RETURNING *;
UPDATE client_products SET portfolio_id = %(new_portfolios)s WHERE id = %(new_client_products)s RETURNING *;

-- 18 client_products.update_client_product
SELECT * FROM client_products WHERE id = %(product)s;
UPDATE client_products SET product_name = 'Renamed', product_type = 'Anything', status = 'lapsed', provider_id = NULL,
    fixed_fee_direct = '12.0', percentage_fee_facilitated = '1.25' WHERE id = %(product)s RETURNING *;
UPDATE client_products SET product_name = NULL, product_type = NULL, plan_number = NULL, client_id = NULL
    WHERE id = %(product)s RETURNING *;
UPDATE client_products SET client_id = %(other_group)s WHERE id = %(shared_product)s RETURNING *;

-- 19 client_products.update_product_notes
UPDATE client_products SET notes = 'enc: nothing of ours' WHERE id = %(product)s RETURNING *;
UPDATE client_products SET notes = 'the same for all' WHERE id >= %(product)s RETURNING id, notes;

-- 20 client_products.lapse, reactivate
SELECT sum(v.valuation) FROM portfolio_funds AS h JOIN latest_portfolio_fund_valuations AS v ON v.portfolio_fund_id = h.id
WHERE h.portfolio_id = %(portfolio)s AND h.status = 'active';
UPDATE client_products SET status = 'inactive', end_date = '2026-11-20' WHERE id = %(product)s RETURNING *;
UPDATE client_products SET status = 'active', end_date = NULL WHERE id = %(product)s RETURNING *;

-- 21 client_products.delete_client_product, the last one of its portfolio
SELECT portfolio_id AS keep_gone, (SELECT count(*) FROM client_products AS o WHERE o.portfolio_id = p.portfolio_id) AS users
FROM client_products AS p WHERE p.id = %(product)s;
SELECT array_agg(id ORDER BY id) AS keep_holdings FROM portfolio_funds WHERE portfolio_id = %(gone)s;
DELETE FROM portfolio_fund_irr_values WHERE fund_id = ANY (%(holdings)s::int[]);
DELETE FROM portfolio_fund_irr_values WHERE fund_valuation_id IN
    (SELECT id FROM portfolio_fund_valuations WHERE portfolio_fund_id = ANY (%(holdings)s::int[]));
DELETE FROM portfolio_fund_valuations WHERE portfolio_fund_id = ANY (%(holdings)s::int[]);
DELETE FROM holding_activity_log WHERE portfolio_fund_id = ANY (%(holdings)s::int[]);
DELETE FROM portfolio_funds WHERE id = ANY (%(holdings)s::int[]);
DELETE FROM product_owner_products WHERE product_id = %(product)s;
DELETE FROM provider_switch_log WHERE client_product_id = %(product)s;
DELETE FROM client_products WHERE id = %(product)s;
DELETE FROM portfolio_irr_values WHERE portfolio_id = %(gone)s;
DELETE FROM portfolio_valuations WHERE portfolio_id = %(gone)s;
DELETE FROM portfolios WHERE id = %(gone)s;

-- 21 client_products.delete_client_product of a shared portfolio
DELETE FROM product_owner_products WHERE product_id = %(shared_product)s;
DELETE FROM provider_switch_log WHERE client_product_id = %(switched_product)s RETURNING *;
DELETE FROM client_products WHERE id = %(shared_product)s RETURNING id, product_name;
SELECT count(*) FROM holding_activity_log;

-- 21 client_products.delete_client_product, by the cascades alone
DELETE FROM client_products WHERE client_id = %(group)s;
SELECT (SELECT count(*) FROM product_owner_products), (SELECT count(*) FROM provider_switch_log);

-- 22 client_products.update_product_owners
SELECT id, firstname, surname, known_as FROM product_owners WHERE id = ANY (%(owners)s::int[]) ORDER BY id;
DELETE FROM product_owner_products WHERE product_id = %(product)s RETURNING product_owner_id;
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%(product)s, %(owner)s) RETURNING *;
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%(product)s, %(other_owner)s) RETURNING *;
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (%(product)s, %(owner)s) RETURNING *;
SELECT owners, owner_count FROM products_list_view WHERE id = %(product)s;
SELECT id, firstname, surname FROM product_owners WHERE id IN
    (SELECT product_owner_id FROM product_owner_products WHERE product_id = %(product)s) ORDER BY id;

-- 22 client_products.update_product_owners to nobody
DELETE FROM product_owner_products WHERE product_id = %(product)s RETURNING *;
SELECT owners, owner_count FROM products_list_view WHERE id = %(product)s;

-- 23 client_products.with_owners
SELECT v.*, i.irr_result FROM products_list_view AS v
LEFT JOIN latest_portfolio_irr_values AS i ON i.portfolio_id = v.portfolio_id ORDER BY v.id;
SELECT h.portfolio_id, i.irr_result FROM portfolio_funds AS h
JOIN latest_portfolio_fund_irr_values AS i ON i.fund_id = h.id WHERE h.portfolio_id = %(portfolio)s ORDER BY h.id;
SELECT l.product_id, o.* FROM product_owner_products AS l JOIN product_owners AS o ON o.id = l.product_owner_id ORDER BY l.id;

-- 24 client_products.get_client_products, products_display
SELECT p.*, g.name AS client_name, r.name AS provider_name, f.portfolio_name, i.irr_result,
       coalesce(v.valuation, (SELECT sum(w.valuation) FROM portfolio_funds AS h
           JOIN latest_portfolio_fund_valuations AS w ON w.portfolio_fund_id = h.id WHERE h.portfolio_id = f.id)) AS worth
FROM client_products AS p
LEFT JOIN client_groups AS g ON g.id = p.client_id
LEFT JOIN available_providers AS r ON r.id = p.provider_id
LEFT JOIN portfolios AS f ON f.id = p.portfolio_id
LEFT JOIN latest_portfolio_irr_values AS i ON i.portfolio_id = f.id
LEFT JOIN latest_portfolio_valuations AS v ON v.portfolio_id = f.id
WHERE p.status = 'active' ORDER BY p.id;
SELECT DISTINCT ON (l.product_id) l.product_id, l.product_owner_id FROM product_owner_products AS l
WHERE l.product_id IS NOT NULL ORDER BY l.product_id, l.id;
SELECT * FROM products_display_view ORDER BY id;

-- 25 client_products.get_complete_product_details
SELECT * FROM client_products WHERE id = %(product)s;
SELECT p.*, r.name, r.theme_color, g.name, g.advisor, f.*, t.generation_name
FROM client_products AS p JOIN client_groups AS g ON g.id = p.client_id LEFT JOIN available_providers AS r ON r.id = p.provider_id
LEFT JOIN portfolios AS f ON f.id = p.portfolio_id
LEFT JOIN template_portfolio_generations AS t ON t.id = p.template_generation_id WHERE p.id = %(product)s;
SELECT h.*, a.*, v.valuation, i.irr_result FROM portfolio_funds AS h JOIN available_funds AS a ON a.id = h.available_funds_id
LEFT JOIN latest_portfolio_fund_valuations AS v ON v.portfolio_fund_id = h.id
LEFT JOIN latest_portfolio_fund_irr_values AS i ON i.fund_id = h.id WHERE h.portfolio_id = %(portfolio)s ORDER BY h.id;
SELECT l.*, o.* FROM product_owner_products AS l JOIN product_owners AS o ON o.id = l.product_owner_id
WHERE l.product_id = %(product)s ORDER BY l.id;

-- 26 client_products.calculate_product_revenue, fum, irr
SELECT id, fixed_fee_direct::numeric, fixed_fee_facilitated::numeric, percentage_fee_facilitated::numeric, portfolio_id
FROM client_products WHERE id = %(product)s;
SELECT h.id, v.valuation FROM portfolio_funds AS h
LEFT JOIN latest_portfolio_fund_valuations AS v ON v.portfolio_fund_id = h.id WHERE h.portfolio_id = %(portfolio)s ORDER BY h.id;
SELECT activity_type, amount, activity_timestamp FROM holding_activity_log WHERE product_id = %(product)s
ORDER BY activity_timestamp, id;
