-- view client_groups_summary
-- Legacy: slim list of active client groups, richest first. Read by no route of the portal.
-- Value and IRR repeat per product and owner link: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW client_groups_summary AS
SELECT
    client_group.id,
    client_group.name,
    client_group.advisor,
    client_group.type,
    client_group.status,
    client_group.created_at,
    count(DISTINCT product.id) AS total_products,
    count(DISTINCT product.id) FILTER (WHERE product.status = 'active') AS active_products,
    count(DISTINCT owner.id) AS product_owners_count,
    sum(coalesce(latest_value.valuation, 0)) AS total_value,
    avg(latest_irr.irr_result) AS avg_irr,
    max(latest_value.valuation_date) AS latest_valuation_date,
    string_agg(DISTINCT provider.name, ', ' ORDER BY provider.name) AS providers_used
FROM client_groups AS client_group
LEFT JOIN client_products AS product ON product.client_id = client_group.id
LEFT JOIN client_group_product_owners AS membership ON membership.client_group_id = client_group.id
LEFT JOIN product_owners AS owner
    ON membership.product_owner_id = owner.id AND owner.status = 'active'
LEFT JOIN available_providers AS provider ON product.provider_id = provider.id
LEFT JOIN portfolios AS portfolio
    ON product.portfolio_id = portfolio.id AND portfolio.status = 'active'
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
WHERE client_group.status = 'active'
GROUP BY
    client_group.id, client_group.name, client_group.advisor,
    client_group.type, client_group.status, client_group.created_at
ORDER BY total_value DESC NULLS LAST, client_group.name;
