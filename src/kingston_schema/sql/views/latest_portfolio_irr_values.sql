-- view latest_portfolio_irr_values
-- Legacy: the newest IRR row of each portfolio. Read by eight views and the product routes.
-- A row without a date sorts first and therefore wins; portfolio_valuation_id is not shown.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW latest_portfolio_irr_values AS
SELECT DISTINCT ON (irr.portfolio_id)
    irr.id,
    irr.portfolio_id,
    irr.date,
    irr.irr_result,
    irr.created_at
FROM portfolio_irr_values AS irr
ORDER BY irr.portfolio_id, irr.date DESC, irr.created_at DESC;
