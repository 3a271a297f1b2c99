-- trigger product_type_liquidity_touch on product_type_liquidity
-- updated_at says when the row last changed (erratum E-201).
-- Tests: tests/sql/test_asset_liquidity.py
CREATE OR REPLACE TRIGGER product_type_liquidity_touch BEFORE UPDATE ON product_type_liquidity
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();
