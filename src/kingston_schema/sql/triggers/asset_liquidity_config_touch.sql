-- trigger asset_liquidity_config_touch on asset_liquidity_config
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER asset_liquidity_config_touch BEFORE UPDATE ON asset_liquidity_config
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
