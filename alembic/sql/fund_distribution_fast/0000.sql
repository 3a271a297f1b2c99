-- view fund_distribution_fast
-- Legacy: chart data of the dashboard, value per fund of the catalogue (route analytics.dashboard_fast).
-- Money invested stands in only when no holding of the fund has a latest value.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW fund_distribution_fast AS
SELECT
    fund.id,
    fund.fund_name AS name,
    coalesce(sum(latest_value.valuation), sum(holding.amount_invested), 0) AS amount,
    count(holding.id) AS fund_holdings
FROM available_funds AS fund
LEFT JOIN portfolio_funds AS holding
    ON holding.available_funds_id = fund.id AND holding.status = 'active'
LEFT JOIN latest_portfolio_fund_valuations AS latest_value
    ON latest_value.portfolio_fund_id = holding.id
GROUP BY fund.id, fund.fund_name
HAVING coalesce(sum(latest_value.valuation), sum(holding.amount_invested), 0) > 0
ORDER BY amount DESC;
