-- Activities, valuations, IRR values, portfolios and holdings (33 to 36).

-- 33 holding_activity_logs create, update, delete
SELECT h.id, f.id, p.start_date FROM portfolio_funds AS h JOIN portfolios AS f ON f.id = h.portfolio_id
JOIN client_products AS p ON p.portfolio_id = f.id WHERE h.id = %(holding)s ORDER BY p.id;
INSERT INTO holding_activity_log (product_id, portfolio_fund_id, activity_type, amount, activity_timestamp)
    VALUES (%(product)s, %(holding)s, 'Investment', 100.50, '2026-11-20') RETURNING *;
INSERT INTO holding_activity_log (product_id, portfolio_fund_id, activity_type, amount, activity_timestamp)
    VALUES (NULL, NULL, 'test_performance', NULL, now()) RETURNING *;
UPDATE holding_activity_log SET activity_type = 'Fee', amount = 7 WHERE id = %(activity)s RETURNING *;
DELETE FROM holding_activity_log WHERE id = %(new_holding_activity_log)s RETURNING *;
DELETE FROM holding_activity_log WHERE portfolio_fund_id = %(holding)s;

-- 33 holding_activity_logs bulk: ids reserved from the sequence and given
SELECT min(n) AS keep_first, max(n) - min(n) FROM
    (SELECT nextval('holding_activity_log_id_seq') AS n FROM generate_series(1, 3)) AS r;
INSERT INTO holding_activity_log (id, product_id, portfolio_fund_id, activity_type, amount, activity_timestamp)
    VALUES (%(first)s, %(product)s, %(holding)s, 'Withdrawal', 1, '2026-11-20'),
           (%(first)s + 1, %(product)s, %(holding)s, 'TaxUplift', 2, '2026-11-20'),
           (%(first)s + 2, %(product)s, %(holding)s, NULL, 3, '2026-11-20') RETURNING *;
INSERT INTO holding_activity_log (activity_type) VALUES ('after the bulk') RETURNING *;

-- 34 holding_activity_logs list
SELECT * FROM holding_activity_log WHERE portfolio_fund_id = %(holding)s ORDER BY activity_timestamp DESC, id;
SELECT * FROM holding_activity_log ORDER BY id LIMIT 100;

-- 35 fund_valuations create, update, delete and the IRR cascade
SELECT * FROM portfolio_fund_valuations WHERE portfolio_fund_id = %(holding)s ORDER BY valuation_date, id;
INSERT INTO portfolio_fund_valuations (portfolio_fund_id, valuation_date, valuation) VALUES (%(holding)s, '2026-11-20', 1.23)
    RETURNING *;
UPDATE portfolio_fund_valuations SET valuation = 2.34 WHERE id = %(new_portfolio_fund_valuations)s RETURNING *;
INSERT INTO portfolio_fund_irr_values (fund_id, date, irr_result, fund_valuation_id)
    VALUES (%(holding)s, '2026-11-20', 0.0123, %(new_portfolio_fund_valuations)s) RETURNING *;
UPDATE portfolio_fund_irr_values SET irr_result = -0.5 WHERE id = %(new_portfolio_fund_irr_values)s RETURNING *;
SELECT count(*) FROM portfolio_funds AS h JOIN available_funds AS a ON a.id = h.available_funds_id
WHERE h.portfolio_id = %(portfolio)s AND h.status = 'active' AND a.fund_name <> 'Cash' AND NOT EXISTS
    (SELECT 1 FROM portfolio_fund_valuations AS v WHERE v.portfolio_fund_id = h.id AND v.valuation_date = '2026-11-20');
INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation) VALUES (%(portfolio)s, '2026-11-20', 1.23) RETURNING *;
UPDATE portfolio_valuations SET valuation = 3.21 WHERE id = %(new_portfolio_valuations)s RETURNING *;
INSERT INTO portfolio_irr_values (portfolio_id, date, irr_result, portfolio_valuation_id)
    VALUES (%(portfolio)s, '2026-11-20', 0.1, %(new_portfolio_valuations)s) RETURNING *;
UPDATE portfolio_irr_values SET irr_result = 0.2 WHERE id = %(new_portfolio_irr_values)s RETURNING *;
SELECT * FROM latest_portfolio_valuations WHERE portfolio_id = %(portfolio)s;
DELETE FROM portfolio_fund_irr_values WHERE fund_id = %(holding)s AND date = '2026-11-20' RETURNING *;
DELETE FROM portfolio_irr_values WHERE portfolio_id = %(portfolio)s AND date = '2026-11-20' RETURNING *;
DELETE FROM portfolio_valuations WHERE portfolio_id = %(portfolio)s AND valuation_date = '2026-11-20' RETURNING *;
DELETE FROM portfolio_fund_valuations WHERE id = %(new_portfolio_fund_valuations)s RETURNING *;

-- 35 portfolio valuations of all portfolios at once
INSERT INTO portfolio_valuations (portfolio_id, valuation_date, valuation) SELECT id, '2026-11-21', 'NaN' FROM portfolios;
UPDATE portfolio_valuations SET valuation = NULL WHERE valuation_date = '2026-11-21';
DELETE FROM portfolio_valuations WHERE portfolio_id = %(portfolio)s;
UPDATE portfolio_valuations SET portfolio_id = %(portfolio)s WHERE portfolio_id = %(shared_portfolio)s;

-- 36 portfolios create
INSERT INTO portfolios (portfolio_name, status, start_date, template_generation_id) VALUES ('New', 'active', '2026-11-20', NULL)
    RETURNING *;
SELECT id AS keep_cash FROM available_funds WHERE fund_name = 'Cash' AND isin_number = 'N/A' ORDER BY id LIMIT 1;
INSERT INTO portfolio_funds (portfolio_id, available_funds_id, target_weighting, start_date, status)
    VALUES (%(new_portfolios)s, %(cash)s, 0, '2026-11-20', 'active') RETURNING *;
UPDATE portfolio_funds SET target_weighting = 12.34 WHERE id = %(new_portfolio_funds)s RETURNING *;

-- 36 portfolios from_template
INSERT INTO portfolios (portfolio_name, status, start_date, template_generation_id)
    VALUES ('From a template', 'active', '2026-11-20', %(generation)s) RETURNING *;
INSERT INTO portfolio_funds (portfolio_id, available_funds_id, target_weighting, start_date, amount_invested, status)
    SELECT %(new_portfolios)s, fund_id, max(target_weighting), '2026-11-20', 0, 'active' FROM available_portfolio_funds
    WHERE template_portfolio_generation_id = %(generation)s GROUP BY fund_id ORDER BY fund_id;
SELECT available_funds_id, target_weighting FROM portfolio_funds WHERE portfolio_id = %(new_portfolios)s ORDER BY 1;

-- 36 portfolios update, delete
UPDATE portfolios SET portfolio_name = NULL, status = 'inactive', end_date = '2026-11-20' WHERE id = %(portfolio)s RETURNING *;
SELECT array_agg(id ORDER BY id) AS keep_holdings FROM portfolio_funds WHERE portfolio_id = %(portfolio)s;
DELETE FROM portfolio_fund_irr_values WHERE fund_id = ANY (%(holdings)s::int[]);
DELETE FROM holding_activity_log WHERE portfolio_fund_id = ANY (%(holdings)s::int[]);
DELETE FROM portfolio_funds WHERE id = ANY (%(holdings)s::int[]);
UPDATE client_products SET portfolio_id = NULL WHERE portfolio_id = %(portfolio)s;
DELETE FROM portfolios WHERE id = %(portfolio)s RETURNING id;
SELECT (SELECT count(*) FROM portfolio_valuations), (SELECT count(*) FROM portfolio_irr_values),
       (SELECT count(*) FROM portfolio_fund_valuations);

-- 36 portfolios delete while a product uses it
DELETE FROM portfolios WHERE id = %(portfolio)s;

-- 36 portfolio_funds delete
UPDATE portfolio_funds SET status = 'inactive', end_date = '2026-11-20', amount_invested = NULL WHERE id = %(holding)s RETURNING *;
DELETE FROM portfolio_fund_irr_values WHERE fund_id = %(holding)s;
DELETE FROM holding_activity_log WHERE portfolio_fund_id = %(holding)s;
DELETE FROM portfolio_funds WHERE id = %(holding)s RETURNING *;
SELECT count(*) FROM portfolio_fund_valuations;
