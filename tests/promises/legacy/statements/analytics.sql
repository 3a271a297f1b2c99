-- Dashboards, history, search (38 to 40), and what fails on production already (section 5.4).

-- 38 analytics.dashboard_fast, revenue routes
SELECT total_fum, company_irr, total_clients, total_accounts, total_funds FROM analytics_dashboard_summary;
SELECT * FROM fund_distribution_fast ORDER BY amount DESC, id LIMIT 10;
SELECT * FROM provider_distribution_fast ORDER BY amount DESC, id;
SELECT total_annual_revenue, active_providers, active_clients, total_fum, avg_percentage_facilitated_fee FROM company_revenue_analytics;
SELECT * FROM revenue_analytics_optimized WHERE client_id = %(group)s;

-- 39 historical_irr routes
SELECT * FROM portfolio_historical_irr WHERE portfolio_id = %(portfolio)s;
SELECT f.*, p.status FROM fund_historical_irr AS f JOIN client_products AS p ON p.portfolio_id = f.portfolio_id
WHERE f.fund_id = %(holding)s;
SELECT portfolio_fund_id, sum(amount) FROM holding_activity_log WHERE product_id = %(product)s GROUP BY 1;

-- 40 search.global_search
SELECT * FROM global_search_entities('an');
SELECT * FROM global_search_entities('%%');
SELECT * FROM global_search_entities('zoë');

-- 40 calculate_adhoc_portfolio_valuation
SELECT portfolio_id, portfolio_name, total_valuation, fund_count FROM calculate_adhoc_portfolio_valuation(%(portfolio)s);
SELECT * FROM calculate_adhoc_portfolio_valuation(NULL);

-- 5.4 auth.forgot_password
SELECT reset_token FROM authentication WHERE profiles_id = %(profile)s;

-- 5.4 client_groups.create_client_group_version
INSERT INTO client_group_versions (client_group_id) VALUES (%(group)s);

-- 5.4 client_products.get_portfolio_types
SELECT portfolio_type_display FROM products_list_view;

-- 5.4 analytics.product_client_counts
SELECT relationship FROM client_groups;

-- 5.4 portfolio_funds.aggregated_irr_history
SELECT target_risk_level FROM portfolios;

-- 5.4 portfolio_valuations.calculate_and_store
UPDATE portfolio_valuations SET value = 1 WHERE portfolio_id = %(portfolio)s;

-- 5.4 client group create without a date
INSERT INTO client_groups (name, created_at) VALUES ('x', NULL);
