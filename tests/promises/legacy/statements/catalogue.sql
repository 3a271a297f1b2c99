-- Templates (37), funds and providers, provider switches, system (section 5.2).

-- 37 available_portfolios create
INSERT INTO available_portfolios (name) VALUES ('Brisk') RETURNING *;
INSERT INTO template_portfolio_generations (available_portfolio_id, generation_name, description, status, created_at)
    VALUES (%(new_available_portfolios)s, 'Brisk 2027', NULL, 'draft', now()) RETURNING *;
INSERT INTO available_portfolio_funds (template_portfolio_generation_id, fund_id, target_weighting)
    VALUES (%(new_template_portfolio_generations)s, %(fund)s, 60), (%(new_template_portfolio_generations)s, %(other_fund)s, 40)
    RETURNING *;
UPDATE available_portfolios SET name = 'Brisker' WHERE id = %(new_available_portfolios)s RETURNING *;
SELECT * FROM template_generation_weighted_risk ORDER BY id;

-- 37 available_portfolios generation update, activate
UPDATE template_portfolio_generations SET generation_name = 'Renamed', updated_at = now() WHERE id = %(generation)s RETURNING *;
DELETE FROM available_portfolio_funds WHERE template_portfolio_generation_id = %(generation)s RETURNING *;
INSERT INTO available_portfolio_funds (template_portfolio_generation_id, fund_id, target_weighting)
    VALUES (%(generation)s, %(fund)s, 100) RETURNING *;
UPDATE available_portfolio_funds SET target_weighting = 99.99 WHERE template_portfolio_generation_id = %(generation)s RETURNING *;
UPDATE template_portfolio_generations SET status = 'archived' WHERE available_portfolio_id = %(template)s AND id <> %(generation)s
    RETURNING *;
UPDATE template_portfolio_generations SET status = 'active' WHERE id = %(generation)s RETURNING *;
SELECT g.*, f.*, a.fund_name FROM template_portfolio_generations AS g
JOIN available_portfolio_funds AS f ON f.template_portfolio_generation_id = g.id JOIN available_funds AS a ON a.id = f.fund_id
WHERE g.available_portfolio_id = %(template)s ORDER BY f.id;

-- 37 available_portfolios delete
SELECT array_agg(id ORDER BY id) AS keep_generations FROM template_portfolio_generations WHERE available_portfolio_id = %(template)s;
DELETE FROM client_products WHERE template_generation_id = ANY (%(generations)s::int[])
    OR portfolio_id IN (SELECT id FROM portfolios WHERE template_generation_id = ANY (%(generations)s::int[]));
DELETE FROM portfolios WHERE template_generation_id = ANY (%(generations)s::int[]);
DELETE FROM template_portfolio_generations WHERE available_portfolio_id = %(template)s;
DELETE FROM available_portfolios WHERE id = %(template)s RETURNING *;
SELECT (SELECT count(*) FROM available_portfolio_funds), (SELECT count(*) FROM portfolio_funds);

-- 37 available_portfolios delete of a generation in use
DELETE FROM template_portfolio_generations WHERE id IN (SELECT template_generation_id FROM portfolios);

-- 37 available_portfolios fund update, recovery from a duplicate key
ALTER SEQUENCE available_portfolio_funds_id_seq RESTART WITH 100000;
INSERT INTO available_portfolio_funds (template_portfolio_generation_id, fund_id) VALUES (%(generation)s, %(fund)s) RETURNING *;

-- 5.2 catalogue, funds
INSERT INTO available_funds (fund_name, isin_number, risk_factor, fund_cost) VALUES ('Globe', 'GB00A', 7, 0.15) RETURNING *;
UPDATE available_funds SET fund_name = NULL, status = 'inactive', risk_factor = NULL WHERE id = %(fund)s RETURNING *;
SELECT count(*) FROM portfolio_funds WHERE available_funds_id = %(new_available_funds)s;
DELETE FROM available_funds WHERE id = %(new_available_funds)s RETURNING *;
SELECT * FROM available_funds WHERE status = 'active' ORDER BY id;

-- 5.2 catalogue, a fund that is held
DELETE FROM available_funds WHERE id = (SELECT available_funds_id FROM portfolio_funds WHERE id = %(holding)s);

-- 5.2 catalogue, providers
INSERT INTO available_providers (name, status, theme_color) VALUES ('Nova', 'active', '#123456') RETURNING *;
UPDATE available_providers SET name = NULL, theme_color = NULL WHERE id = %(provider)s RETURNING *;
UPDATE available_providers SET theme_color = '#' || lpad(id::text, 6, '0') RETURNING id, theme_color;
DELETE FROM available_providers WHERE id = %(new_available_providers)s RETURNING *;

-- 5.2 provider switch
INSERT INTO provider_switch_log (client_product_id, previous_provider_id, new_provider_id, switch_date, description)
    VALUES (%(product)s, %(provider)s, %(other_provider)s, now(), 'moved') RETURNING *;
UPDATE client_products SET provider_id = %(other_provider)s WHERE id = %(product)s RETURNING *;
SELECT * FROM provider_switch_log WHERE client_product_id = %(product)s ORDER BY id;
UPDATE provider_switch_log SET description = NULL WHERE id = %(new_provider_switch_log)s RETURNING *;
DELETE FROM provider_switch_log WHERE client_product_id = %(product)s;

-- 5.2 system, sequences
SELECT last_value, is_called FROM portfolio_fund_irr_values_id_seq;
SELECT setval('portfolio_fund_valuations_id_seq', (SELECT max(id) FROM portfolio_fund_valuations));
SELECT setval('portfolio_irr_values_id_seq', (SELECT max(id) FROM portfolio_irr_values));
INSERT INTO portfolio_irr_values (portfolio_id, date) VALUES (%(portfolio)s, '2026-11-22') RETURNING *;
