-- view latest_portfolio_valuations
-- Legacy: the newest total value row of each portfolio. Read by eight views and the product routes.
-- A row without a date sorts first and therefore wins.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW latest_portfolio_valuations AS
SELECT DISTINCT ON (valued.portfolio_id)
    valued.id,
    valued.portfolio_id,
    valued.valuation_date,
    valued.valuation,
    valued.created_at
FROM portfolio_valuations AS valued
ORDER BY valued.portfolio_id, valued.valuation_date DESC, valued.created_at DESC;
