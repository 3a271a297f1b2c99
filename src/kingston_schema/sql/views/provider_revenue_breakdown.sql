-- view provider_revenue_breakdown
-- Legacy: product counts and values per active provider; no revenue in spite of its name. Read by no route.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW provider_revenue_breakdown AS
SELECT
    provider.id,
    provider.name,
    provider.status,
    provider.theme_color,
    count(DISTINCT product.id) AS product_count,
    count(DISTINCT client_group.id) AS client_count,
    count(DISTINCT portfolio.id) AS portfolio_count,
    sum(latest_value.valuation) AS total_value,
    avg(latest_irr.irr_result) AS avg_irr,
    max(latest_value.valuation_date) AS latest_valuation_date,
    min(product.start_date) AS first_product_date,
    max(product.start_date) AS latest_product_date
FROM available_providers AS provider
LEFT JOIN client_products AS product
    ON product.provider_id = provider.id AND product.status = 'active'
LEFT JOIN client_groups AS client_group
    ON product.client_id = client_group.id AND client_group.status = 'active'
LEFT JOIN portfolios AS portfolio
    ON product.portfolio_id = portfolio.id AND portfolio.status = 'active'
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
WHERE provider.status = 'active'
GROUP BY provider.id, provider.name, provider.status, provider.theme_color
ORDER BY total_value DESC NULLS LAST;
