-- view products_display_view
-- Legacy: product cards with derived badges, active products of active groups. Read by no route.
-- A product without an active owner shows a single blank as its owners; total_invested repeats a holding
-- once per owner link: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW products_display_view AS
SELECT
    product.id,
    product.client_id,
    product.product_name,
    product.product_type,
    product.status,
    product.start_date,
    product.end_date,
    product.provider_id,
    product.portfolio_id,
    product.plan_number,
    product.created_at,
    client_group.name AS client_name,
    client_group.advisor AS client_advisor,
    client_group.type AS client_type,
    provider.name AS provider_name,
    provider.theme_color AS provider_theme_color,
    portfolio.portfolio_name,
    latest_value.valuation AS current_value,
    latest_value.valuation_date AS current_value_date,
    latest_irr.irr_result AS current_irr,
    latest_irr.date AS current_irr_date,
    count(DISTINCT holding.id) AS fund_count,
    sum(holding.amount_invested) AS total_invested,
    count(DISTINCT link.product_owner_id) AS owner_count,
    string_agg(
        DISTINCT coalesce(owner.known_as, concat(owner.firstname, ' ', owner.surname)), ', '
        ORDER BY coalesce(owner.known_as, concat(owner.firstname, ' ', owner.surname))
    ) AS product_owners,
    CASE
        WHEN latest_irr.irr_result > 0.05 THEN 'good'
        WHEN latest_irr.irr_result > 0 THEN 'average'
        WHEN latest_irr.irr_result < 0 THEN 'poor'
        ELSE 'unknown'
    END AS performance_category,
    CASE
        WHEN product.status = 'active' AND portfolio.status = 'active' THEN 'active'
        WHEN product.status = 'inactive' OR portfolio.status = 'inactive' THEN 'inactive'
        ELSE 'unknown'
    END AS overall_status
FROM client_products AS product
JOIN client_groups AS client_group ON product.client_id = client_group.id
LEFT JOIN available_providers AS provider ON product.provider_id = provider.id
LEFT JOIN portfolios AS portfolio ON product.portfolio_id = portfolio.id
LEFT JOIN portfolio_funds AS holding
    ON holding.portfolio_id = portfolio.id AND holding.status = 'active'
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
LEFT JOIN product_owner_products AS link ON link.product_id = product.id
LEFT JOIN product_owners AS owner
    ON link.product_owner_id = owner.id AND owner.status = 'active'
WHERE product.status = 'active'
  AND client_group.status = 'active'
GROUP BY
    product.id, product.client_id, product.product_name, product.product_type, product.status,
    product.start_date, product.end_date, product.provider_id, product.portfolio_id,
    product.plan_number, product.created_at,
    client_group.name, client_group.advisor, client_group.type,
    provider.name, provider.theme_color, portfolio.portfolio_name, portfolio.status,
    latest_value.valuation, latest_value.valuation_date, latest_irr.irr_result, latest_irr.date
ORDER BY latest_value.valuation DESC NULLS LAST, product.product_name;
