-- view portfolio_performance_history
-- Legacy: current state of each active portfolio per product. Read by no route of the portal.
-- Two products of one portfolio that agree on client, name and provider merge into one row, and their
-- holdings then count twice in the sums: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW portfolio_performance_history AS
SELECT
    portfolio.id AS portfolio_id,
    portfolio.portfolio_name,
    portfolio.status,
    portfolio.start_date,
    product.client_id,
    client_group.name AS client_name,
    product.product_name,
    provider.name AS provider_name,
    provider.theme_color AS provider_color,
    latest_value.valuation AS latest_valuation,
    latest_value.valuation_date AS latest_valuation_date,
    latest_irr.irr_result AS latest_irr,
    latest_irr.date AS latest_irr_date,
    count(DISTINCT holding.id) AS fund_count,
    sum(holding.amount_invested) AS total_invested,
    sum(holding.target_weighting) AS total_target_weighting
FROM portfolios AS portfolio
JOIN client_products AS product ON product.portfolio_id = portfolio.id
JOIN client_groups AS client_group ON product.client_id = client_group.id
JOIN available_providers AS provider ON product.provider_id = provider.id
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
LEFT JOIN portfolio_funds AS holding
    ON holding.portfolio_id = portfolio.id AND holding.status = 'active'
WHERE portfolio.status = 'active'
  AND product.status = 'active'
  AND client_group.status = 'active'
GROUP BY
    portfolio.id, portfolio.portfolio_name, portfolio.status, portfolio.start_date,
    product.client_id, client_group.name, product.product_name, provider.name, provider.theme_color,
    latest_value.valuation, latest_value.valuation_date, latest_irr.irr_result, latest_irr.date;
