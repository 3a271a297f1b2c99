-- seed asset_liquidity_config
-- The 21 liquidity defaults of document 000, value for value.  Ranks and days need not agree (erratum E-103): the
-- column says business days, the figures of the document are calendar days.
-- Only into an empty table, so that what an administrator changed or removed stays changed or removed, also when the
-- table comes back from the archive (erratum E-102).
-- Tests: tests/sql/test_asset_liquidity.py
INSERT INTO asset_liquidity_config
    (asset_type, asset_subtype, default_liquidity_rank, liquidity_description, business_days_to_liquidate)
SELECT s.asset_type, s.asset_subtype, s.liquidity_rank, s.description, s.days
FROM (VALUES
    ('cash', 'checking_account', 1, 'Immediate access - same day', 0),
    ('cash', 'savings_account', 1, 'Immediate access - same day', 0),
    ('cash', 'money_market', 1, 'Immediate access - same day', 0),
    ('investments', 'public_stocks', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'mutual_funds', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'etfs', 2, 'High liquidity - 1-3 business days', 3),
    ('investments', 'corporate_bonds', 3, 'Medium-high liquidity - 3-7 business days', 7),
    ('investments', 'government_bonds', 3, 'Medium-high liquidity - 3-7 business days', 7),
    ('investments', 'gics', 4, 'Medium liquidity - 7-14 business days', 14),
    ('retirement', '401k', 5, 'Medium liquidity - potential penalties', 30),
    ('retirement', 'ira', 5, 'Medium liquidity - potential penalties', 30),
    ('retirement', 'roth_ira', 5, 'Medium liquidity - potential penalties', 30),
    ('investments', 'annuities', 6, 'Medium-low liquidity - surrender charges possible', 60),
    ('real_estate', 'primary_residence', 7, 'Low liquidity - 60-180 days typical', 120),
    ('real_estate', 'investment_property', 7, 'Low liquidity - 60-180 days typical', 120),
    ('investments', 'private_equity', 8, 'Very low liquidity - years to liquidate', 1095),
    ('investments', 'hedge_funds', 8, 'Very low liquidity - lock-up periods', 365),
    ('business', 'private_business', 9, 'Very low liquidity - highly illiquid', 1825),
    ('collections', 'art', 10, 'Lowest liquidity - specialty market required', 1825),
    ('collections', 'jewelry', 10, 'Lowest liquidity - specialty market required', 365),
    ('other', 'other', 5, 'Default medium liquidity for uncategorized assets', 30)
) AS s (asset_type, asset_subtype, liquidity_rank, description, days)
WHERE NOT EXISTS (SELECT 1 FROM asset_liquidity_config)
ON CONFLICT ON CONSTRAINT unique_asset_liquidity DO NOTHING;
