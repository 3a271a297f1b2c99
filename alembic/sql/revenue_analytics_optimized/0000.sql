-- view revenue_analytics_optimized
-- Legacy: flat rows of group, active product and active holding for the revenue page (revenue routes).
-- The portfolios table is not read. Groups without an active product share one partition of zeros.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW revenue_analytics_optimized AS
SELECT
    client_group.id AS client_id,
    client_group.name AS client_name,
    client_group.status AS client_status,
    product.id AS product_id,
    product.fixed_fee_direct,
    product.fixed_fee_facilitated,
    product.percentage_fee_facilitated,
    product.portfolio_id,
    holding.id AS portfolio_fund_id,
    latest_value.valuation AS fund_valuation,
    latest_value.valuation IS NOT NULL AS has_valuation,
    sum(coalesce(latest_value.valuation, 0)) OVER same_product AS product_total_fum,
    count(holding.id) OVER same_product AS product_fund_count,
    count(latest_value.valuation) OVER same_product AS product_valued_fund_count
FROM client_groups AS client_group
LEFT JOIN client_products AS product
    ON product.client_id = client_group.id AND product.status = 'active'
LEFT JOIN portfolio_funds AS holding
    ON holding.portfolio_id = product.portfolio_id AND holding.status = 'active'
LEFT JOIN latest_portfolio_fund_valuations AS latest_value
    ON latest_value.portfolio_fund_id = holding.id
WHERE client_group.status IN ('active', 'dormant')
WINDOW same_product AS (PARTITION BY product.id);
