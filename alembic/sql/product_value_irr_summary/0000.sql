-- view product_value_irr_summary
-- Legacy: value and value-weighted IRR of each active product, 0.0 where nothing is known (product routes).
-- The join to portfolios adds neither a column nor a filter; it is kept because production has it.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW product_value_irr_summary AS
SELECT
    product.id AS product_id,
    product.product_name,
    product.client_id,
    product.portfolio_id,
    product.provider_id,
    product.status,
    product.start_date,
    product.end_date,
    coalesce(latest_value.total_value, 0.0) AS total_value,
    coalesce(latest_irr.irr_result * latest_value.total_value / 100.0, 0.0) AS irr_weighted,
    coalesce(latest_irr.irr_result, 0.0) AS irr_result,
    latest_value.valuation_date AS latest_valuation_date,
    latest_irr.date AS latest_irr_date
FROM client_products AS product
LEFT JOIN portfolios AS portfolio ON portfolio.id = product.portfolio_id
LEFT JOIN (
    SELECT
        valued.portfolio_id,
        valued.valuation_date,
        sum(valued.valuation) AS total_value
    FROM latest_portfolio_valuations AS valued
    GROUP BY valued.portfolio_id, valued.valuation_date
) AS latest_value ON latest_value.portfolio_id = product.portfolio_id
LEFT JOIN latest_portfolio_irr_values AS latest_irr
    ON latest_irr.portfolio_id = product.portfolio_id
WHERE product.status = 'active';
