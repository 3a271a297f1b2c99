-- view company_irr_cache
-- Legacy: not a cache in spite of its name: the company IRR, computed on read, and a row that says when.
-- Read by analytics_dashboard_summary. The mean is unweighted; a shared portfolio counts once per product.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW company_irr_cache AS
SELECT
    'company_irr'::text AS calculation_type,
    avg(latest_irr.irr_result) AS irr_value,
    now() AS cache_timestamp,
    'active'::text AS status
FROM client_products AS product
JOIN portfolios AS portfolio ON product.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
WHERE product.status = 'active'
  AND portfolio.status = 'active'
UNION ALL
SELECT
    'last_update'::text AS calculation_type,
    NULL::numeric AS irr_value,
    now() AS cache_timestamp,
    'active'::text AS status;
