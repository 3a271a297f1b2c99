-- sample rows per table
-- What will be written, counted on the staged rows; nothing is written yet.
-- Used by kingston seed --dry-run, and as the totals of its progress.  Tests: tests/operations/test_seed.py

-- count: rows per table
SELECT * FROM (VALUES
    ('profiles', (SELECT count(*) FROM sample_profile)),
    ('authentication', (SELECT count(*) FROM sample_profile)),
    ('session', (SELECT count(*) FROM sample_session)),
    ('user_page_presence', (SELECT count(*) FROM sample_presence)),
    ('available_providers', (SELECT count(*) FROM sample_provider)),
    ('available_funds', (SELECT count(*) FROM sample_fund)),
    ('available_portfolios', (SELECT count(*) FROM sample_template)),
    ('template_portfolio_generations', (SELECT count(*) FROM sample_generation)),
    ('available_portfolio_funds', (SELECT count(*) FROM sample_generation_fund)),
    ('client_groups', (SELECT count(*) FROM sample_group)),
    ('product_owners', (SELECT count(*) FROM sample_owner)),
    ('client_group_product_owners', (SELECT count(*) FROM sample_membership)),
    ('portfolios', (SELECT count(*) FROM sample_portfolio)),
    ('client_products', (SELECT count(*) FROM sample_product)),
    ('provider_switch_log', (SELECT count(*) FROM sample_switch)),
    ('product_owner_products', (SELECT count(*) FROM sample_link)),
    ('portfolio_funds', (SELECT count(*) FROM sample_holding)),
    ('holding_activity_log', (SELECT count(*) FROM sample_activity)),
    ('portfolio_fund_valuations', (SELECT coalesce(sum(last_month - valued_from + 1), 0) FROM sample_holding)),
    ('portfolio_valuations', (SELECT count(*) FROM sample_portfolio_month)),
    ('portfolio_fund_irr_values',
     (SELECT coalesce(sum(CASE place WHEN 0 THEN 0 ELSE greatest(last_month - valued_from, 1) END)
                      + count(*) FILTER (WHERE measured_twice), 0) FROM sample_holding)),
    ('portfolio_irr_values', (SELECT count(*) FILTER (WHERE measured) FROM sample_portfolio_month))
) AS planned (name, rows);
