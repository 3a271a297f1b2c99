-- view complete_fund_data
-- Legacy: holdings, value and activity per active fund of the catalogue. Read by no route of the portal.
-- Sums and means repeat a holding once per activity: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW complete_fund_data AS
SELECT
    fund.id,
    fund.fund_name,
    fund.isin_number,
    fund.risk_factor,
    fund.fund_cost,
    fund.status,
    fund.created_at,
    count(DISTINCT holding.id) AS portfolio_holdings,
    count(DISTINCT holding.portfolio_id) AS portfolio_count,
    sum(holding.amount_invested) AS total_invested,
    avg(holding.target_weighting) AS avg_target_weighting,
    sum(latest_value.valuation) AS total_current_value,
    avg(latest_irr.irr_result) AS avg_irr,
    count(DISTINCT activity.id) AS total_activities,
    max(activity.activity_timestamp) AS last_activity_date
FROM available_funds AS fund
LEFT JOIN portfolio_funds AS holding
    ON holding.available_funds_id = fund.id AND holding.status = 'active'
LEFT JOIN latest_portfolio_fund_valuations AS latest_value
    ON latest_value.portfolio_fund_id = holding.id
LEFT JOIN latest_portfolio_fund_irr_values AS latest_irr ON latest_irr.fund_id = holding.id
LEFT JOIN holding_activity_log AS activity ON activity.portfolio_fund_id = holding.id
WHERE fund.status = 'active'
GROUP BY
    fund.id, fund.fund_name, fund.isin_number, fund.risk_factor,
    fund.fund_cost, fund.status, fund.created_at;
