-- view latest_portfolio_fund_irr_values
-- Legacy: the newest IRR row of each holding. Read by complete_fund_data, fund_activity_summary and
-- calculate_adhoc_portfolio_valuation.
-- A row without a date sorts first and therefore wins; fund_valuation_id is not shown.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW latest_portfolio_fund_irr_values AS
SELECT DISTINCT ON (irr.fund_id)
    irr.id,
    irr.fund_id,
    irr.date,
    irr.irr_result,
    irr.created_at
FROM portfolio_fund_irr_values AS irr
ORDER BY irr.fund_id, irr.date DESC, irr.created_at DESC;
