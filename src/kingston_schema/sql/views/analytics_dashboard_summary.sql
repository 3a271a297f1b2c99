-- view analytics_dashboard_summary
-- Legacy: the one-row company header of the fast dashboard (route analytics.dashboard_fast).
-- total_fum counts a portfolio's latest value once per product and holding: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW analytics_dashboard_summary AS
SELECT
    sum(latest_value.valuation) AS total_fum,
    (
        SELECT company.irr_value
        FROM company_irr_cache AS company
        WHERE company.calculation_type = 'company_irr'
        LIMIT 1
    ) AS company_irr,
    count(DISTINCT client_group.id) AS total_clients,
    count(DISTINCT product.id) AS total_accounts,
    count(DISTINCT fund.id) AS total_funds,
    (
        SELECT company.cache_timestamp
        FROM company_irr_cache AS company
        WHERE company.calculation_type = 'last_update'
        LIMIT 1
    ) AS last_irr_calculation
FROM client_products AS product
JOIN client_groups AS client_group ON product.client_id = client_group.id
JOIN portfolios AS portfolio ON product.portfolio_id = portfolio.id
JOIN portfolio_funds AS holding ON holding.portfolio_id = portfolio.id
JOIN available_funds AS fund ON holding.available_funds_id = fund.id
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
WHERE product.status = 'active'
  AND client_group.status = 'active'
  AND portfolio.status = 'active'
  AND holding.status = 'active'
  AND fund.status = 'active';
