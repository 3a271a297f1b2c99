-- view portfolio_historical_irr
-- Legacy: history of the IRR values of portfolios, with names (historical_irr routes).
-- Products of every status are shown, one row per product that shares the portfolio.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW portfolio_historical_irr AS
SELECT
    irr.portfolio_id,
    portfolio.portfolio_name,
    irr.date,
    irr.irr_result,
    irr.created_at,
    product.client_id,
    client_group.name AS client_name,
    product.product_name,
    provider.name AS provider_name,
    provider.theme_color AS provider_color
FROM portfolio_irr_values AS irr
JOIN portfolios AS portfolio ON irr.portfolio_id = portfolio.id
JOIN client_products AS product ON product.portfolio_id = portfolio.id
JOIN client_groups AS client_group ON product.client_id = client_group.id
JOIN available_providers AS provider ON product.provider_id = provider.id
WHERE portfolio.status = 'active'
  AND client_group.status = 'active'
ORDER BY irr.date DESC, irr.portfolio_id;
