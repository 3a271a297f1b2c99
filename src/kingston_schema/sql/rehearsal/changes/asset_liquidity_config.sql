-- needs: asset_liquidity_config
-- A default that somebody edited: the seed must leave it alone.
UPDATE asset_liquidity_config SET default_liquidity_rank = 1 + (default_liquidity_rank + 3) % 10 WHERE asset_subtype = 'art'
