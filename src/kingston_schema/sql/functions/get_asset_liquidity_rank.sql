-- function get_asset_liquidity_rank(bigint, character varying, character varying)
-- The liquidity rank of an asset for a client group, 1 (at once) to 10; asset_liquidity() has the rules and says where
-- a rank comes from.  5 when nothing is known about the asset.  C-074, erratum E-101.
-- Called by applications.
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE FUNCTION get_asset_liquidity_rank(
    p_client_group_id bigint,
    p_asset_type character varying,
    p_asset_subtype character varying DEFAULT NULL
) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = @schema@, pg_temp
AS $body$
    SELECT a.liquidity_rank FROM asset_liquidity(p_client_group_id, p_asset_type, p_asset_subtype) AS a
$body$;

COMMENT ON FUNCTION get_asset_liquidity_rank(bigint, character varying, character varying) IS
    'liquidity rank 1..10 of an asset for a client group: its own rule, else the default, else 5';
