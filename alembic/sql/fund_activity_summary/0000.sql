-- view fund_activity_summary
-- Legacy: activity totals by type, latest value and latest IRR per holding of an active fund
-- (route client_groups.complete). A total is 0 without activity of that type, and null only when every
-- activity of the holding is of that type and has no amount.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW fund_activity_summary AS
SELECT
    holding.id AS portfolio_fund_id,
    holding.portfolio_id,
    holding.available_funds_id,
    fund.fund_name,
    fund.isin_number,
    fund.risk_factor,
    fund.fund_cost,
    holding.target_weighting,
    holding.amount_invested,
    holding.start_date,
    holding.status,
    count(activity.id) AS activity_count,
    sum(CASE WHEN activity.activity_type = 'Investment' THEN activity.amount ELSE 0 END)
        AS total_investments,
    sum(CASE WHEN activity.activity_type = 'Withdrawal' THEN activity.amount ELSE 0 END)
        AS total_withdrawals,
    sum(CASE WHEN activity.activity_type = 'FundSwitchIn' THEN activity.amount ELSE 0 END)
        AS total_switch_in,
    sum(CASE WHEN activity.activity_type = 'FundSwitchOut' THEN activity.amount ELSE 0 END)
        AS total_switch_out,
    max(activity.activity_timestamp) AS last_activity_date,
    latest_value.valuation AS latest_valuation,
    latest_value.valuation_date AS latest_valuation_date,
    latest_irr.irr_result AS latest_irr,
    latest_irr.date AS latest_irr_date,
    sum(CASE WHEN activity.activity_type = 'RegularInvestment' THEN activity.amount ELSE 0 END)
        AS total_regular_investments,
    sum(CASE WHEN activity.activity_type = 'TaxUplift' THEN activity.amount ELSE 0 END)
        AS total_tax_uplift,
    sum(CASE WHEN activity.activity_type = 'ProductSwitchIn' THEN activity.amount ELSE 0 END)
        AS total_product_switch_in,
    sum(CASE WHEN activity.activity_type = 'ProductSwitchOut' THEN activity.amount ELSE 0 END)
        AS total_product_switch_out
FROM portfolio_funds AS holding
JOIN available_funds AS fund ON holding.available_funds_id = fund.id
LEFT JOIN holding_activity_log AS activity ON activity.portfolio_fund_id = holding.id
LEFT JOIN latest_portfolio_fund_valuations AS latest_value
    ON latest_value.portfolio_fund_id = holding.id
LEFT JOIN latest_portfolio_fund_irr_values AS latest_irr ON latest_irr.fund_id = holding.id
WHERE fund.status = 'active'
GROUP BY
    holding.id, holding.portfolio_id, holding.available_funds_id,
    fund.fund_name, fund.isin_number, fund.risk_factor, fund.fund_cost,
    holding.target_weighting, holding.amount_invested, holding.start_date, holding.status,
    latest_value.valuation, latest_value.valuation_date, latest_irr.irr_result, latest_irr.date;
