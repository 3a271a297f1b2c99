-- view networth_parts
-- What the net worth of a client group is made of, one row per part; the one definition that statements
-- (make_networth_statement), the liquidity list (networth_by_liquidity) and reports share.
--   managed_products    active products of the group at the latest valuation of their portfolio, as the portal shows
--                       it (latest_portfolio_valuations).  A portfolio that several active products of the group share
--                       counts once, with the product of the lowest id; the others are listed with amount 0 and name
--                       that product in counted_with.
--   unmanaged_products  active unmanaged products at their latest valuation
--   information_items   items of type assets_liabilities at client_item_amount(); a liability by is_liability_item()
-- Ownership shares do not matter here: the whole value belongs to the group.  kind is asset or liability, amount is
-- never negative: a liability is recorded as what is owed whatever its sign, and an asset below zero (an overdrawn
-- account) is a liability.  A part without a usable value is listed with counted = false and amount 0.
-- C-028, C-104; legacy view V14; errata E-061, E-062, E-114.
-- LIMIT 1 keeps the look-up of the latest valuation per portfolio (an index scan) instead of one sort of all of them.
-- Tests: tests/sql/test_networth_parts.py
CREATE OR REPLACE VIEW networth_parts AS
SELECT
    part.client_group_id,
    part.source,
    part.source_id,
    part.name,
    part.type,
    part.provider_id,
    part.portfolio_id,
    part.valuation,
    part.valuation_date,
    part.counted_with,
    CASE WHEN part.counted_with IS NULL AND (part.is_liability OR part.valuation < 0) THEN 'liability'
         ELSE 'asset' END AS kind,
    part.counted_with IS NULL AND part.valuation IS NOT NULL AS counted,
    CASE WHEN part.counted_with IS NULL THEN coalesce(abs(part.valuation), 0.00) ELSE 0.00 END AS amount
FROM (
    SELECT
        m.client_group_id,
        'managed_products'::text AS source,
        m.id AS source_id,
        m.product_name AS name,
        m.product_type AS type,
        m.provider_id,
        m.portfolio_id,
        nullif(v.valuation, 'NaN')::numeric AS valuation,
        v.valuation_date,
        CASE WHEN m.portfolio_id IS NOT NULL THEN nullif(m.first_id, m.id) END AS counted_with,
        false AS is_liability
    FROM (
        SELECT p.id, p.client_id AS client_group_id, p.product_name, p.product_type, p.provider_id, p.portfolio_id,
               min(p.id) OVER (PARTITION BY p.client_id, p.portfolio_id) AS first_id
        FROM client_products AS p
        WHERE p.status = 'active'
    ) AS m
    LEFT JOIN LATERAL (
        SELECT l.valuation, l.valuation_date
        FROM latest_portfolio_valuations AS l
        WHERE l.portfolio_id = m.portfolio_id
        LIMIT 1
    ) AS v ON true

    UNION ALL

    SELECT u.client_group_id, 'unmanaged_products'::text, u.id, u.product_name::text, u.product_type::text,
           u.provider_id, NULL::bigint, u.latest_valuation::numeric, u.valuation_date, NULL::bigint, false
    FROM client_unmanaged_products AS u
    WHERE u.status = 'active'

    UNION ALL

    SELECT i.client_group_id, 'information_items'::text, i.id,
           coalesce(nullif(btrim(i.data_content ->> 'name'), ''), i.item_category), i.item_category::text, NULL::bigint, NULL::bigint,
           client_item_amount(i.data_content), NULL::date, NULL::bigint,
           is_liability_item(i.item_category, i.data_content)
    FROM client_information_items AS i
    WHERE i.item_type = 'assets_liabilities'
) AS part;

COMMENT ON VIEW networth_parts IS
    'what the net worth of each client group is made of: one row per product or item, with kind (asset, liability) and amount';
