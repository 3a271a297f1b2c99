-- view provider_distribution_fast
-- Legacy: chart data of the dashboard, value per provider (route analytics.dashboard_fast).
-- Money invested stands in only when no holding of the provider has a latest value.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW provider_distribution_fast AS
SELECT
    provider.id,
    provider.name,
    coalesce(sum(latest_value.valuation), sum(holding.amount_invested), 0) AS amount,
    count(DISTINCT product.id) AS product_count
FROM available_providers AS provider
LEFT JOIN client_products AS product
    ON product.provider_id = provider.id AND product.status = 'active'
LEFT JOIN portfolios AS portfolio
    ON product.portfolio_id = portfolio.id AND portfolio.status = 'active'
LEFT JOIN portfolio_funds AS holding
    ON holding.portfolio_id = portfolio.id AND holding.status = 'active'
LEFT JOIN latest_portfolio_fund_valuations AS latest_value
    ON latest_value.portfolio_fund_id = holding.id
GROUP BY provider.id, provider.name
HAVING coalesce(sum(latest_value.valuation), sum(holding.amount_invested), 0) > 0
ORDER BY amount DESC;
