SET search_path = public, pg_temp;
SET lock_timeout = '2s';
SET statement_timeout = '0';
SET idle_in_transaction_session_timeout = '10min';
SET client_connection_check_interval = '500ms';

SET kingston.revision = 'legacy';
SET kingston.direction = 'down';
SET kingston.run = 'script';

BEGIN;

-- Running downgrade legacy -> 

DO $kingston$
DECLARE v_full text;
BEGIN
  LOCK TABLE authentication, available_funds, available_portfolio_funds, available_portfolios, available_providers, client_group_product_owners, client_groups, client_products, holding_activity_log, portfolio_fund_irr_values, portfolio_fund_valuations, portfolio_funds, portfolio_irr_values, portfolio_valuations, portfolios, product_owner_products, product_owners, profiles, provider_switch_log, session, template_portfolio_generations, user_page_presence IN ACCESS EXCLUSIVE MODE;
  SELECT string_agg(t.name, ', ') INTO v_full FROM (SELECT 'profiles' AS name WHERE EXISTS (SELECT 1 FROM profiles)
  UNION ALL SELECT 'authentication' AS name WHERE EXISTS (SELECT 1 FROM authentication)
  UNION ALL SELECT 'session' AS name WHERE EXISTS (SELECT 1 FROM session)
  UNION ALL SELECT 'available_providers' AS name WHERE EXISTS (SELECT 1 FROM available_providers)
  UNION ALL SELECT 'client_groups' AS name WHERE EXISTS (SELECT 1 FROM client_groups)
  UNION ALL SELECT 'product_owners' AS name WHERE EXISTS (SELECT 1 FROM product_owners)
  UNION ALL SELECT 'available_funds' AS name WHERE EXISTS (SELECT 1 FROM available_funds)
  UNION ALL SELECT 'available_portfolios' AS name WHERE EXISTS (SELECT 1 FROM available_portfolios)
  UNION ALL SELECT 'client_group_product_owners' AS name WHERE EXISTS (SELECT 1 FROM client_group_product_owners)
  UNION ALL SELECT 'template_portfolio_generations' AS name WHERE EXISTS (SELECT 1 FROM template_portfolio_generations)
  UNION ALL SELECT 'available_portfolio_funds' AS name WHERE EXISTS (SELECT 1 FROM available_portfolio_funds)
  UNION ALL SELECT 'portfolios' AS name WHERE EXISTS (SELECT 1 FROM portfolios)
  UNION ALL SELECT 'client_products' AS name WHERE EXISTS (SELECT 1 FROM client_products)
  UNION ALL SELECT 'product_owner_products' AS name WHERE EXISTS (SELECT 1 FROM product_owner_products)
  UNION ALL SELECT 'portfolio_funds' AS name WHERE EXISTS (SELECT 1 FROM portfolio_funds)
  UNION ALL SELECT 'portfolio_fund_valuations' AS name WHERE EXISTS (SELECT 1 FROM portfolio_fund_valuations)
  UNION ALL SELECT 'portfolio_valuations' AS name WHERE EXISTS (SELECT 1 FROM portfolio_valuations)
  UNION ALL SELECT 'portfolio_fund_irr_values' AS name WHERE EXISTS (SELECT 1 FROM portfolio_fund_irr_values)
  UNION ALL SELECT 'portfolio_irr_values' AS name WHERE EXISTS (SELECT 1 FROM portfolio_irr_values)
  UNION ALL SELECT 'holding_activity_log' AS name WHERE EXISTS (SELECT 1 FROM holding_activity_log)
  UNION ALL SELECT 'provider_switch_log' AS name WHERE EXISTS (SELECT 1 FROM provider_switch_log)
  UNION ALL SELECT 'user_page_presence' AS name WHERE EXISTS (SELECT 1 FROM user_page_presence)) AS t;
  IF v_full IS NOT NULL THEN
    RAISE EXCEPTION 'legacy tables hold rows and would be dropped with them: %', v_full
      USING ERRCODE = 'KS003',
            HINT = '-x allow=drop_legacy:reason, on a scratch database only';
  END IF;
END $kingston$;

DROP FUNCTION IF EXISTS global_search_entities(text);

DROP FUNCTION IF EXISTS calculate_adhoc_portfolio_valuation(bigint);

DROP VIEW IF EXISTS analytics_dashboard_summary;

DROP VIEW IF EXISTS revenue_analytics_optimized;

DROP VIEW IF EXISTS provider_distribution_fast;

DROP VIEW IF EXISTS fund_distribution_fast;

DROP VIEW IF EXISTS fund_activity_summary;

DROP VIEW IF EXISTS complete_fund_data;

DROP VIEW IF EXISTS company_revenue_analytics;

DROP VIEW IF EXISTS provider_revenue_breakdown;

DROP VIEW IF EXISTS products_list_view;

DROP VIEW IF EXISTS products_display_view;

DROP VIEW IF EXISTS product_value_irr_summary;

DROP VIEW IF EXISTS portfolio_performance_history;

DROP VIEW IF EXISTS company_irr_cache;

DROP VIEW IF EXISTS client_groups_summary;

DROP VIEW IF EXISTS client_group_complete_data;

DROP VIEW IF EXISTS template_generation_weighted_risk;

DROP VIEW IF EXISTS product_owner_details;

DROP VIEW IF EXISTS portfolio_historical_irr;

DROP VIEW IF EXISTS fund_historical_irr;

DROP VIEW IF EXISTS advisor_client_summary;

DROP VIEW IF EXISTS latest_portfolio_valuations;

DROP VIEW IF EXISTS latest_portfolio_irr_values;

DROP VIEW IF EXISTS latest_portfolio_fund_valuations;

DROP VIEW IF EXISTS latest_portfolio_fund_irr_values;

DROP TABLE user_page_presence;

DROP TABLE provider_switch_log;

DROP TABLE holding_activity_log;

DROP TABLE portfolio_irr_values;

DROP TABLE portfolio_fund_irr_values;

DROP TABLE portfolio_valuations;

DROP TABLE portfolio_fund_valuations;

DROP TABLE portfolio_funds;

DROP TABLE product_owner_products;

DROP TABLE client_products;

DROP TABLE portfolios;

DROP TABLE available_portfolio_funds;

DROP TABLE template_portfolio_generations;

DROP TABLE client_group_product_owners;

DROP TABLE available_portfolios;

DROP TABLE available_funds;

DROP TABLE product_owners;

DROP TABLE client_groups;

DROP TABLE available_providers;

DROP TABLE session;

DROP TABLE authentication;

DROP TABLE profiles;

DELETE FROM alembic_version WHERE alembic_version.version_num = 'legacy';

DO $kingston$ BEGIN
  IF to_regprocedure('kingston.log_event(uuid, text, text, text, jsonb)') IS NOT NULL THEN
    PERFORM kingston.log_event(gen_random_uuid(), 'ended', 'down', 'legacy', '{"outcome": "done", "revision": "legacy", "detail": "by a script", "files": {"versions/0000_legacy.py": "SHA-256", "sql/advisor_client_summary/0000.sql": "SHA-256", "sql/analytics_dashboard_summary/0000.sql": "SHA-256", "sql/calculate_adhoc_portfolio_valuation/0000.sql": "SHA-256", "sql/client_group_complete_data/0000.sql": "SHA-256", "sql/client_groups_summary/0000.sql": "SHA-256", "sql/company_irr_cache/0000.sql": "SHA-256", "sql/company_revenue_analytics/0000.sql": "SHA-256", "sql/complete_fund_data/0000.sql": "SHA-256", "sql/fund_activity_summary/0000.sql": "SHA-256", "sql/fund_distribution_fast/0000.sql": "SHA-256", "sql/fund_historical_irr/0000.sql": "SHA-256", "sql/global_search_entities/0000.sql": "SHA-256", "sql/latest_portfolio_fund_irr_values/0000.sql": "SHA-256", "sql/latest_portfolio_fund_valuations/0000.sql": "SHA-256", "sql/latest_portfolio_irr_values/0000.sql": "SHA-256", "sql/latest_portfolio_valuations/0000.sql": "SHA-256", "sql/portfolio_historical_irr/0000.sql": "SHA-256", "sql/portfolio_performance_history/0000.sql": "SHA-256", "sql/product_owner_details/0000.sql": "SHA-256", "sql/product_value_irr_summary/0000.sql": "SHA-256", "sql/products_display_view/0000.sql": "SHA-256", "sql/products_list_view/0000.sql": "SHA-256", "sql/provider_distribution_fast/0000.sql": "SHA-256", "sql/provider_revenue_breakdown/0000.sql": "SHA-256", "sql/revenue_analytics_optimized/0000.sql": "SHA-256", "sql/template_generation_weighted_risk/0000.sql": "SHA-256"}}');
  END IF;
END $kingston$;

COMMIT;

