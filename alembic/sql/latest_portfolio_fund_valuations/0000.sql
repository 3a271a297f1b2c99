-- view latest_portfolio_fund_valuations
-- Legacy: the newest market value row of each holding. Read by six views,
-- calculate_adhoc_portfolio_valuation and many routes.
-- A row without a date sorts first and therefore wins.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW latest_portfolio_fund_valuations AS
SELECT DISTINCT ON (valued.portfolio_fund_id)
    valued.id,
    valued.portfolio_fund_id,
    valued.valuation_date,
    valued.valuation,
    valued.created_at
FROM portfolio_fund_valuations AS valued
ORDER BY valued.portfolio_fund_id, valued.valuation_date DESC, valued.created_at DESC;
