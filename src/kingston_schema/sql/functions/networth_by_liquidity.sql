-- function networth_by_liquidity(bigint)
-- The counted assets of a client group, most liquid first, with a running total whose last value is the total_assets
-- of a statement taken now (both read networth_parts).  Within a rank the largest amount comes first.
-- A product type, or the category of an information item, is looked up in product_type_liquidity as it is written,
-- else without regard to case; one that is not listed there counts as other/other.
-- Called by applications.  C-072 to C-074, errata E-101, E-104, E-176.
-- Tests: tests/sql/test_networth_by_liquidity.py
CREATE OR REPLACE FUNCTION networth_by_liquidity(p_client_group_id bigint)
RETURNS TABLE (
    liquidity_rank integer,
    rank_source text,
    asset_type character varying,
    asset_subtype character varying,
    source text,
    source_id bigint,
    name text,
    product_type text,
    amount numeric,
    running_total numeric
)
LANGUAGE sql STABLE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT l.liquidity_rank, l.rank_source, coalesce(t.asset_type, 'other'),
           CASE WHEN t.asset_type IS NULL THEN 'other' ELSE t.asset_subtype END,
           n.source, n.source_id, n.name, n.type, n.amount,
           sum(n.amount) OVER (ORDER BY l.liquidity_rank, n.amount DESC, n.source, n.source_id)
    FROM networth_parts AS n
    LEFT JOIN LATERAL (
        SELECT m.asset_type, m.asset_subtype
        FROM product_type_liquidity AS m
        WHERE lower(m.product_type) = lower(n.type)
        ORDER BY (m.product_type = n.type) DESC, m.product_type
        LIMIT 1
    ) AS t ON true
    CROSS JOIN LATERAL asset_liquidity(
        p_client_group_id, coalesce(t.asset_type, 'other'),
        CASE WHEN t.asset_type IS NULL THEN 'other' ELSE t.asset_subtype END) AS l
    WHERE n.client_group_id = p_client_group_id AND n.kind = 'asset' AND n.counted
    ORDER BY l.liquidity_rank, n.amount DESC, n.source, n.source_id
$body$;

COMMENT ON FUNCTION networth_by_liquidity(bigint) IS
    'the assets of a client group ordered by liquidity rank, with a running total that ends at its total assets';
