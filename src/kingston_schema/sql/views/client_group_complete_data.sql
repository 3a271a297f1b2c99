-- view client_group_complete_data
-- Legacy: wide roll-up per active client group. Read by no route of the portal.
-- Value and IRR repeat per product, owner link and holding: that is what production shows.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW client_group_complete_data AS
SELECT
    client_group.id,
    client_group.name,
    client_group.advisor,
    client_group.type,
    client_group.status,
    client_group.created_at,
    count(DISTINCT product.id) AS product_count,
    count(DISTINCT product.id) FILTER (WHERE product.status = 'active') AS active_product_count,
    count(DISTINCT owner.id) AS product_owner_count,
    count(DISTINCT portfolio.id) AS portfolio_count,
    count(DISTINCT holding.id) AS fund_holdings_count,
    sum(latest_value.valuation) AS total_portfolio_value,
    avg(latest_irr.irr_result) AS avg_portfolio_irr,
    string_agg(DISTINCT owner.known_as, ', ' ORDER BY owner.known_as) AS product_owners,
    string_agg(DISTINCT provider.name, ', ' ORDER BY provider.name) AS providers,
    max(latest_value.valuation_date) AS latest_valuation_date,
    max(latest_irr.date) AS latest_irr_date
FROM client_groups AS client_group
LEFT JOIN client_products AS product ON product.client_id = client_group.id
LEFT JOIN client_group_product_owners AS membership ON membership.client_group_id = client_group.id
LEFT JOIN product_owners AS owner
    ON membership.product_owner_id = owner.id AND owner.status = 'active'
LEFT JOIN available_providers AS provider ON product.provider_id = provider.id
LEFT JOIN portfolios AS portfolio
    ON product.portfolio_id = portfolio.id AND portfolio.status = 'active'
LEFT JOIN portfolio_funds AS holding
    ON holding.portfolio_id = portfolio.id AND holding.status = 'active'
LEFT JOIN latest_portfolio_valuations AS latest_value ON latest_value.portfolio_id = portfolio.id
LEFT JOIN latest_portfolio_irr_values AS latest_irr ON latest_irr.portfolio_id = portfolio.id
WHERE client_group.status = 'active'
GROUP BY
    client_group.id, client_group.name, client_group.advisor,
    client_group.type, client_group.status, client_group.created_at;
