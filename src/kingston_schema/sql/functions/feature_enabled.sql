-- function feature_enabled(text)
-- Is a switch of migration_control on?  A switch that is missing is on, as all of them are at first; false, off, no,
-- f, n and 0 (in any case) mean off.
-- Called by refuse_global_actions_when_off() (global_actions_enabled), refuse_when_off() (the switch it is given) and
-- asset_liquidity() (liquidity_rankings_enabled).
-- SECURITY DEFINER: whoever uses a feature needs no right on migration_control.
-- Tests: tests/sql/test_feature_enabled.py
CREATE OR REPLACE FUNCTION feature_enabled(p_setting text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = @schema@, pg_temp
AS $body$
    SELECT coalesce((SELECT lower(btrim(c.value)) NOT IN ('false', 'off', 'no', 'f', 'n', '0')
                     FROM migration_control AS c WHERE c.setting = p_setting), true)
$body$;

COMMENT ON FUNCTION feature_enabled(text) IS
    'whether a switch of migration_control is on (a missing one is on)';
-- Everybody may ask: it tells on or off, nothing else.
REVOKE ALL ON FUNCTION feature_enabled(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feature_enabled(text) TO PUBLIC;
