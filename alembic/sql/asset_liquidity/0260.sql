-- function asset_liquidity(bigint, character varying, character varying)
-- The liquidity rank of an asset for a client group (1 most liquid, 10 least) and where it comes from.  The first of
--   client_subtype   the group's own rule for type and subtype
--   client_type      the group's own rule for the type as a whole (no subtype)
--   default_subtype  the default for type and subtype
--   default_type     the default for the type as a whole
--   fallback         5
-- Rules of the group count while migration_control says liquidity_rankings_enabled (C-072 to C-074, erratum E-101).
-- Always one row.  Called by get_asset_liquidity_rank() and networth_by_liquidity().
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE FUNCTION asset_liquidity(
    p_client_group_id bigint,
    p_asset_type character varying,
    p_asset_subtype character varying DEFAULT NULL
) RETURNS TABLE (liquidity_rank integer, rank_source text)
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT found.liquidity_rank, found.rank_source
    FROM (
        SELECT c.custom_liquidity_rank AS liquidity_rank, 1 AS preference,
               CASE WHEN c.asset_subtype IS NULL THEN 'client_type' ELSE 'client_subtype' END AS rank_source,
               c.asset_subtype IS NULL AS generic
        FROM client_liquidity_customization AS c
        WHERE c.client_group_id = p_client_group_id AND c.asset_type = p_asset_type
          AND (c.asset_subtype = p_asset_subtype OR c.asset_subtype IS NULL)
          AND feature_enabled('liquidity_rankings_enabled')
        UNION ALL
        SELECT d.default_liquidity_rank, 2,
               CASE WHEN d.asset_subtype IS NULL THEN 'default_type' ELSE 'default_subtype' END,
               d.asset_subtype IS NULL
        FROM asset_liquidity_config AS d
        WHERE d.asset_type = p_asset_type
          AND (d.asset_subtype = p_asset_subtype OR d.asset_subtype IS NULL)
        UNION ALL
        SELECT 5, 3, 'fallback', false
    ) AS found
    ORDER BY found.preference, found.generic
    LIMIT 1
$body$;

COMMENT ON FUNCTION asset_liquidity(bigint, character varying, character varying) IS
    'liquidity rank of an asset for a client group, with where it comes from; always one row';
