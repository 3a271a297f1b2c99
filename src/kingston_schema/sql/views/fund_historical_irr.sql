-- view fund_historical_irr
-- Legacy: history of the IRR values of holdings, with names (historical_irr routes).
-- Products of every status are shown, one row per product that shares the portfolio.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW fund_historical_irr AS
SELECT
    irr.fund_id,
    holding.portfolio_id,
    fund.fund_name,
    fund.isin_number,
    fund.risk_factor,
    irr.date,
    irr.irr_result,
    irr.created_at,
    portfolio.portfolio_name,
    product.client_id,
    client_group.name AS client_name,
    product.product_name,
    provider.name AS provider_name
FROM portfolio_fund_irr_values AS irr
JOIN portfolio_funds AS holding ON irr.fund_id = holding.id
JOIN available_funds AS fund ON holding.available_funds_id = fund.id
JOIN portfolios AS portfolio ON holding.portfolio_id = portfolio.id
JOIN client_products AS product ON product.portfolio_id = portfolio.id
JOIN client_groups AS client_group ON product.client_id = client_group.id
JOIN available_providers AS provider ON product.provider_id = provider.id
WHERE holding.status = 'active'
  AND fund.status = 'active'
  AND portfolio.status = 'active'
  AND client_group.status = 'active'
ORDER BY irr.date DESC, irr.fund_id;
