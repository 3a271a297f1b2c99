-- view products_list_view
-- Legacy: the product list of several routes (client_products.with_owners among them): products of every
-- status, lapsed ones included, of active groups.
-- A product without an active owner shows a single blank as its owners: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW products_list_view AS
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
    client_group.advisor,
    client_group.type AS client_type,
    provider.name AS provider_name,
    provider.theme_color AS provider_color,
    portfolio.portfolio_name,
    portfolio.status AS portfolio_status,
    latest_value.valuation AS current_value,
    latest_value.valuation_date,
    latest_irr.irr_result AS current_irr,
    latest_irr.date AS irr_date,
    count(DISTINCT link.product_owner_id) AS owner_count,
    string_agg(
        DISTINCT coalesce(owner.known_as, concat(owner.firstname, ' ', owner.surname)), ', '
        ORDER BY coalesce(owner.known_as, concat(owner.firstname, ' ', owner.surname))
    ) AS owners,
    product.fixed_fee_direct,
    product.fixed_fee_facilitated,
    product.percentage_fee_facilitated
FROM client_products AS product
JOIN client_groups AS client_group ON product.client_id = client_group.id
LEFT JOIN available_providers AS provider ON product.provider_id = provider.id
LEFT JOIN portfolios AS portfolio ON product.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
LEFT JOIN product_owner_products AS link ON link.product_id = product.id
LEFT JOIN product_owners AS owner
    ON link.product_owner_id = owner.id AND owner.status = 'active'
WHERE client_group.status = 'active'
GROUP BY
    product.id, product.client_id, product.product_name, product.product_type, product.status,
    product.start_date, product.end_date, product.provider_id, product.portfolio_id,
    product.plan_number, product.created_at,
    client_group.name, client_group.advisor, client_group.type,
    provider.name, provider.theme_color, portfolio.portfolio_name, portfolio.status,
    latest_value.valuation, latest_value.valuation_date, latest_irr.irr_result, latest_irr.date,
    product.fixed_fee_direct, product.fixed_fee_facilitated, product.percentage_fee_facilitated;
