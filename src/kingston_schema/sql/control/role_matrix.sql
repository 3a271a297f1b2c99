-- function @control@.role_matrix()
-- What each of the four roles may do, and nothing else does: one row per role, privileges and objects; columns where
-- not the whole table is meant.  Objects that do not exist yet, or not any more, are passed over (role_rights).
-- kind table: also views; sequence: those of the tables named; control: tables of the control schema, * for all.
--   portal_app       what the application needs; history, audit logs and summaries are written by triggers and by
--                    refresh functions for it; the ledger of decrypts takes lines and tells it how many, by whom and when
--   portal_readonly  reports: no password, session, secret, ciphertext, history; of telephone numbers the mask, where
--                    they are encrypted; of information items everything but the document, which may be about health
--   portal_auditor   what audit and history commands read: the records, and the tables that the records are about
--   portal_migrator  what a run of the migration needs beside being (a member of) the owner of the portal's tables
-- docs/reference/roles.md shows it; ADR 0009 says why.  Tests: tests/promises/test_roles.py
CREATE OR REPLACE FUNCTION @control@.role_matrix()
RETURNS TABLE (role_name text, kind text, privileges text[], names text[], columns text[])
LANGUAGE sql IMMUTABLE
SET search_path = @schema@, pg_temp
AS $function$
SELECT m.role_name, m.kind, string_to_array(m.privileges, ' '), regexp_split_to_array(btrim(m.names, E' \n'), '\s+'),
       regexp_split_to_array(btrim(m.columns, E' \n'), '\s+')
FROM (VALUES
    ('portal_app', 'schema', 'USAGE', 'application', NULL),
    ('portal_app', 'table', 'SELECT INSERT UPDATE DELETE', '
        authentication available_funds available_portfolio_funds available_portfolios available_providers
        client_group_product_owners client_groups client_products holding_activity_log portfolio_fund_irr_values
        portfolio_fund_valuations portfolio_funds portfolio_irr_values portfolio_valuations portfolios
        product_owner_products product_owners profiles provider_switch_log session template_portfolio_generations
        user_page_presence', NULL),
    ('portal_app', 'sequence', 'USAGE SELECT UPDATE', '
        authentication available_funds available_portfolio_funds available_portfolios available_providers
        client_group_product_owners client_groups client_products holding_activity_log portfolio_fund_irr_values
        portfolio_fund_valuations portfolio_funds portfolio_irr_values portfolio_valuations portfolios
        product_owner_products product_owners profiles provider_switch_log session template_portfolio_generations
        user_page_presence', NULL),
    ('portal_app', 'table', 'SELECT', '
        advisor_client_summary analytics_dashboard_summary client_group_complete_data client_groups_summary
        company_irr_cache company_revenue_analytics complete_fund_data fund_activity_summary fund_distribution_fast
        fund_historical_irr latest_portfolio_fund_irr_values latest_portfolio_fund_valuations
        latest_portfolio_irr_values latest_portfolio_valuations portfolio_historical_irr portfolio_performance_history
        product_owner_details product_value_irr_summary products_display_view products_list_view
        provider_distribution_fast provider_revenue_breakdown revenue_analytics_optimized
        template_generation_weighted_risk', NULL),
    ('portal_app', 'table', 'SELECT INSERT UPDATE DELETE', '
        asset_liquidity_config client_actions client_group_secrets client_information_items
        client_liquidity_customization client_objectives client_unmanaged_products global_action_states global_actions
        product_owner_phones product_type_liquidity', NULL),
    ('portal_app', 'table', 'SELECT INSERT', 'networth_statements', NULL),
    ('portal_app', 'sequence', 'USAGE SELECT', '
        asset_liquidity_config client_actions client_information_items client_liquidity_customization client_objectives
        client_unmanaged_products global_action_states global_actions networth_statements product_owner_phones', NULL),
    ('portal_app', 'table', 'SELECT', '
        client_complete_summary client_dense_summary client_dense_summary_source client_group_last_change
        client_groups_secure client_ownership_summary encryption_keys global_action_status migration_control
        networth_parts ownership_link_findings ownership_review product_owner_phone_rejects product_owner_phones_secure
        product_ownership summary_refresh_log', NULL),
    ('portal_app', 'table', 'UPDATE', 'product_owner_phone_rejects', 'resolved_at resolved_by resolution'),
    ('portal_app', 'table', 'SELECT', 'row_history', 'table_name row_id client_group_id occurred_at'),
    ('portal_app', 'table', 'INSERT', 'encryption_audit_log', '
        table_name record_id field_name operation accessed_by client_ip user_agent purpose correlation_id key_version
        outcome'),
    ('portal_app', 'table', 'SELECT', 'encryption_audit_log', 'accessed_by operation access_time'),
    ('portal_app', 'function', 'EXECUTE', '
        calculate_adhoc_portfolio_valuation feature_enabled get_asset_liquidity_rank get_client_dense_page
        global_search_entities last_change make_networth_statement networth_by_liquidity refresh_client_complete_summary
        refresh_client_ownership_summary refresh_dense_data_views refresh_dirty_summaries set_global_action_status',
        NULL),
    ('portal_readonly', 'schema', 'USAGE', 'application', NULL),
    ('portal_readonly', 'table', 'SELECT', '
        available_funds available_portfolio_funds available_portfolios available_providers client_group_product_owners
        client_groups client_products holding_activity_log portfolio_fund_irr_values portfolio_fund_valuations
        portfolio_funds portfolio_irr_values portfolio_valuations portfolios product_owner_products profiles
        provider_switch_log template_portfolio_generations user_page_presence', NULL),
    ('portal_readonly', 'table', 'SELECT', 'product_owners', '
        id created_at status firstname surname known_as next_meeting_date date_signed_tc last_fee_agreement_date
        inception_date updated_at updated_by'),
    ('portal_readonly', 'table', 'SELECT', '
        advisor_client_summary analytics_dashboard_summary client_group_complete_data client_groups_summary
        company_irr_cache company_revenue_analytics complete_fund_data fund_activity_summary fund_distribution_fast
        fund_historical_irr latest_portfolio_fund_irr_values latest_portfolio_fund_valuations
        latest_portfolio_irr_values latest_portfolio_valuations portfolio_historical_irr portfolio_performance_history
        product_owner_details product_value_irr_summary products_display_view products_list_view
        provider_distribution_fast provider_revenue_breakdown revenue_analytics_optimized
        template_generation_weighted_risk', NULL),
    ('portal_readonly', 'table', 'SELECT', '
        asset_liquidity_config client_actions client_complete_summary client_dense_summary client_dense_summary_source
        client_liquidity_customization client_objectives client_ownership_summary client_unmanaged_products
        global_action_states global_action_status global_actions migration_control networth_parts networth_statements
        ownership_link_findings ownership_review product_ownership product_type_liquidity summary_refresh_log', NULL),
    ('portal_readonly', 'table', 'SELECT', 'client_information_items', '
        id client_group_id item_type item_category created_at updated_at last_edited_by version'),
    ('portal_readonly', 'table', 'SELECT', 'product_owner_phones', '
        id product_owner_id phone_type phone_number label is_primary created_at updated_at updated_by extension
        source_column'),
    ('portal_readonly', 'function', 'EXECUTE', '
        calculate_adhoc_portfolio_valuation feature_enabled get_asset_liquidity_rank get_client_dense_page
        global_search_entities networth_by_liquidity', NULL),
    ('portal_auditor', 'schema', 'USAGE', 'application control', NULL),
    ('portal_auditor', 'table', 'SELECT', '
        alembic_version encryption_audit_log encryption_keys migration_benchmarks migration_control migration_log
        ownership_audit_log product_owners_audit_log rollback_checkpoints row_history', NULL),
    ('portal_auditor', 'table', 'SELECT', '
        asset_liquidity_config client_actions client_group_product_owners client_group_secrets client_groups
        client_information_items client_liquidity_customization client_objectives client_products
        client_unmanaged_products global_action_states global_actions networth_statements product_owner_phones
        product_owner_products product_owners product_type_liquidity', NULL),
    ('portal_auditor', 'control', 'SELECT', '
        archive_entry event_log gate_result given_rights journal ledger portal row_history_seal', NULL),
    ('portal_migrator', 'schema', 'USAGE CREATE', 'application control archive', NULL),
    ('portal_migrator', 'table', 'SELECT INSERT UPDATE DELETE', 'alembic_version', NULL),
    ('portal_migrator', 'control', 'SELECT INSERT UPDATE DELETE', '*', NULL)
) AS m (role_name, kind, privileges, names, columns)
$function$;
