-- function global_search_entities(text)
-- Legacy: the portal's search box (route search.global_search): six kinds of things, best 50 hits first.
-- Matching ignores case; % and _ and \ in the term act as wildcards, as they do in production. A null term
-- finds nothing, an empty one everything. The first WHEN that holds gives the score.
-- Production's function has no SET search_path, so this one has none either.
-- Tests: tests/sql/test_legacy_functions.py
CREATE OR REPLACE FUNCTION global_search_entities(search_term text)
RETURNS TABLE (
    entity_type text,
    entity_id bigint,
    entity_name text,
    entity_description text,
    relevance_score integer
)
LANGUAGE plpgsql
AS $function$
DECLARE
    v_equal text := lower(search_term);
    v_starts text := lower(search_term || '%');
    v_contains text := lower('%' || search_term || '%');
BEGIN
    RETURN QUERY
    SELECT found.kind, found.id, found.name, found.description, found.score
    FROM (
        SELECT
            'client_group'::text AS kind,
            client_group.id,
            client_group.name,
            concat(
                'Client: ', client_group.name, ' (', client_group.type, ') - Advisor: ',
                coalesce(client_group.advisor, 'None')
            ) AS description,
            CASE
                WHEN lower(client_group.name) = v_equal THEN 100
                WHEN lower(client_group.name) LIKE v_starts THEN 90
                WHEN lower(client_group.name) LIKE v_contains THEN 80
                WHEN lower(client_group.advisor) LIKE v_contains THEN 70
                ELSE 60
            END AS score
        FROM client_groups AS client_group
        WHERE client_group.status = 'active'
          AND (
              lower(client_group.name) LIKE v_contains
              OR lower(client_group.advisor) LIKE v_contains
              OR lower(client_group.type) LIKE v_contains
          )

        UNION ALL

        SELECT
            'product_owner',
            owner.id,
            owner.display_name,
            concat('Product Owner: ', owner.display_name),
            CASE
                WHEN lower(owner.display_name) = v_equal THEN 100
                WHEN lower(owner.display_name) LIKE v_starts THEN 90
                WHEN lower(owner.firstname) LIKE v_contains THEN 80
                WHEN lower(owner.surname) LIKE v_contains THEN 80
                WHEN lower(owner.known_as) LIKE v_contains THEN 85
                ELSE 60
            END
        FROM (
            SELECT
                person.id,
                person.firstname,
                person.surname,
                person.known_as,
                person.status,
                coalesce(person.known_as, concat(person.firstname, ' ', person.surname)) AS display_name
            FROM product_owners AS person
        ) AS owner
        WHERE owner.status = 'active'
          AND (
              lower(owner.firstname) LIKE v_contains
              OR lower(owner.surname) LIKE v_contains
              OR lower(owner.known_as) LIKE v_contains
          )

        UNION ALL

        SELECT
            'client_product',
            product.id,
            product.product_name,
            concat(
                'Product: ', product.product_name, ' - Client: ', client_group.name,
                ' - Provider: ', provider.name,
                CASE WHEN product.status = 'inactive' THEN ' (LAPSED)' END
            ),
            CASE
                WHEN lower(product.product_name) = v_equal THEN 100
                WHEN lower(product.product_name) LIKE v_starts THEN 90
                WHEN lower(product.product_name) LIKE v_contains THEN 80
                WHEN lower(product.plan_number) LIKE v_contains THEN 85
                WHEN lower(product.product_type) LIKE v_contains THEN 75
                ELSE 60
            END
        FROM client_products AS product
        JOIN client_groups AS client_group ON product.client_id = client_group.id
        JOIN available_providers AS provider ON product.provider_id = provider.id
        WHERE client_group.status = 'active'
          AND (
              lower(product.product_name) LIKE v_contains
              OR lower(product.product_type) LIKE v_contains
              OR lower(product.plan_number) LIKE v_contains
          )

        UNION ALL

        SELECT
            'fund',
            fund.id,
            fund.fund_name::text,
            concat('Fund: ', fund.fund_name, ' (', fund.isin_number, ') - Risk: ', fund.risk_factor),
            CASE
                WHEN lower(fund.fund_name) = v_equal THEN 100
                WHEN lower(fund.fund_name) LIKE v_starts THEN 90
                WHEN lower(fund.fund_name) LIKE v_contains THEN 80
                WHEN lower(fund.isin_number) LIKE v_contains THEN 95
                ELSE 60
            END
        FROM available_funds AS fund
        WHERE fund.status = 'active'
          AND (lower(fund.fund_name) LIKE v_contains OR lower(fund.isin_number) LIKE v_contains)

        UNION ALL

        SELECT
            'provider',
            provider.id,
            provider.name,
            concat('Provider: ', provider.name),
            CASE
                WHEN lower(provider.name) = v_equal THEN 100
                WHEN lower(provider.name) LIKE v_starts THEN 90
                WHEN lower(provider.name) LIKE v_contains THEN 80
                ELSE 60
            END
        FROM available_providers AS provider
        WHERE provider.status = 'active'
          AND lower(provider.name) LIKE v_contains

        UNION ALL

        SELECT
            'portfolio',
            portfolio.id,
            portfolio.portfolio_name,
            concat('Portfolio: ', portfolio.portfolio_name, ' - Client: ', client_group.name),
            CASE
                WHEN lower(portfolio.portfolio_name) = v_equal THEN 100
                WHEN lower(portfolio.portfolio_name) LIKE v_starts THEN 90
                WHEN lower(portfolio.portfolio_name) LIKE v_contains THEN 80
                ELSE 60
            END
        FROM portfolios AS portfolio
        JOIN client_products AS product ON product.portfolio_id = portfolio.id
        JOIN client_groups AS client_group ON product.client_id = client_group.id
        WHERE portfolio.status = 'active'
          AND product.status = 'active'
          AND client_group.status = 'active'
          AND lower(portfolio.portfolio_name) LIKE v_contains
    ) AS found
    ORDER BY found.score DESC, found.name
    LIMIT 50;
END;
$function$;
