-- view company_revenue_analytics
-- Legacy: one-row estimate of the company's yearly revenue from the three fee fields (revenue routes).
-- The fees are text; one that is not a number makes the view fail, as it does in production.
-- Counts and means run over products of every status, revenue over active ones only.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW company_revenue_analytics AS
SELECT
    sum(CASE WHEN fee.is_active THEN coalesce(fee.direct, 0) ELSE 0 END) AS total_fixed_direct_revenue,
    sum(CASE WHEN fee.is_active THEN coalesce(fee.facilitated, 0) ELSE 0 END)
        AS total_fixed_facilitated_revenue,
    sum(CASE WHEN fee.is_active THEN fee.share ELSE 0 END) AS total_percentage_facilitated_revenue,
    sum(
        CASE
            WHEN fee.is_active THEN coalesce(fee.direct, 0) + coalesce(fee.facilitated, 0) + fee.share
            ELSE 0
        END
    ) AS total_annual_revenue,
    count(DISTINCT fee.provider_id) AS active_providers,
    count(DISTINCT fee.client_id) AS active_clients,
    count(DISTINCT fee.product_id) AS active_products,
    sum(coalesce(fee.total_value, 0)) AS total_fum,
    avg(fee.percentage) FILTER (WHERE fee.percentage > 0) AS avg_percentage_facilitated_fee,
    avg(fee.facilitated) FILTER (WHERE fee.facilitated > 0) AS avg_fixed_facilitated_fee,
    avg(fee.direct) FILTER (WHERE fee.direct > 0) AS avg_fixed_direct_fee,
    now() AS calculated_at
FROM (
    SELECT
        product.id AS product_id,
        product.client_id,
        product.provider_id,
        product.status IS NOT DISTINCT FROM 'active' AS is_active,
        product.fixed_fee_direct::numeric AS direct,
        product.fixed_fee_facilitated::numeric AS facilitated,
        product.percentage_fee_facilitated::numeric AS percentage,
        portfolio_value.total_value,
        CASE
            WHEN product.percentage_fee_facilitated IS NOT NULL AND portfolio_value.total_value > 0
            THEN portfolio_value.total_value * product.percentage_fee_facilitated::numeric / 100.0
            ELSE 0
        END AS share
    FROM client_products AS product
    LEFT JOIN (
        SELECT
            portfolio.id AS portfolio_id,
            sum(coalesce(latest_value.valuation, 0)) AS total_value
        FROM portfolios AS portfolio
        LEFT JOIN portfolio_funds AS holding
            ON holding.portfolio_id = portfolio.id AND holding.status = 'active'
        LEFT JOIN latest_portfolio_fund_valuations AS latest_value
            ON latest_value.portfolio_fund_id = holding.id
        GROUP BY portfolio.id
    ) AS portfolio_value ON portfolio_value.portfolio_id = product.portfolio_id
) AS fee;
