-- seed product_type_liquidity
-- Which asset a product type stands for: the portal's managed types, the ten unmanaged types, and common categories of
-- information items (erratum E-104: without it nearly everything would rank 5).  British wrappers take the liquidity of
-- what they usually hold; a bond of an insurer is an annuity-like contract with surrender charges.
-- Only into an empty table: what an administrator changed or removed stays so (erratum E-102).
-- Tests: tests/sql/test_asset_liquidity.py
INSERT INTO product_type_liquidity (product_type, asset_type, asset_subtype)
SELECT s.product_type, s.asset_type, s.asset_subtype
FROM (VALUES
    -- managed products (client_products.product_type)
    ('ISA', 'investments', 'mutual_funds'),
    ('GIA', 'investments', 'mutual_funds'),
    ('Onshore Bond', 'investments', 'annuities'),
    ('Offshore Bond', 'investments', 'annuities'),
    ('Pension', 'retirement', 'ira'),
    ('Investment', 'investments', 'mutual_funds'),
    ('Savings', 'cash', 'savings_account'),
    ('Bond', 'investments', 'annuities'),
    ('Other', 'other', 'other'),
    -- unmanaged products (client_unmanaged_products.product_type)
    ('GIAs', 'investments', 'mutual_funds'),
    ('Stocks_and_Shares_ISAs', 'investments', 'mutual_funds'),
    ('Cash_ISAs', 'cash', 'savings_account'),
    ('Bank_Accounts', 'cash', 'checking_account'),
    ('Pensions', 'retirement', 'ira'),
    ('Offshore_Bonds', 'investments', 'annuities'),
    ('Onshore_Bonds', 'investments', 'annuities'),
    ('Individual_Shares', 'investments', 'public_stocks'),
    ('Property', 'real_estate', 'investment_property'),
    ('Others', 'other', 'other'),
    -- information items (client_information_items.item_category, free text)
    ('Cash', 'cash', 'savings_account'),
    ('Bank Account', 'cash', 'checking_account'),
    ('Primary Residence', 'real_estate', 'primary_residence'),
    ('Investment Property', 'real_estate', 'investment_property'),
    ('Business', 'business', 'private_business'),
    ('Art', 'collections', 'art'),
    ('Jewellery', 'collections', 'jewelry')
) AS s (product_type, asset_type, asset_subtype)
WHERE NOT EXISTS (SELECT 1 FROM product_type_liquidity)
ON CONFLICT ON CONSTRAINT product_type_liquidity_pkey DO NOTHING;
