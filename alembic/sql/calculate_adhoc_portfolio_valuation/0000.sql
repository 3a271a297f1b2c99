-- function calculate_adhoc_portfolio_valuation(bigint)
-- Legacy: value of one active portfolio from the latest values of its active holdings, with one JSON object
-- per holding. Called by no route of the portal; kept for ad-hoc use. fund_count is null, not 0, without
-- holdings: that is what production answers.
-- Production's function has no SET search_path, so this one has none either.
-- Tests: tests/sql/test_legacy_functions.py
CREATE OR REPLACE FUNCTION calculate_adhoc_portfolio_valuation(portfolio_id_param bigint)
RETURNS TABLE (
    portfolio_id bigint,
    portfolio_name text,
    total_valuation numeric,
    valuation_date date,
    fund_count integer,
    fund_details json
)
LANGUAGE plpgsql
AS $function$
BEGIN
    RETURN QUERY
    SELECT
        portfolio.id,
        portfolio.portfolio_name,
        coalesce(total.valuation, 0),
        coalesce(total.valued_on, current_date),
        nullif(total.holdings, 0)::integer,
        coalesce(total.details, '[]'::json)
    FROM portfolios AS portfolio
    CROSS JOIN LATERAL (
        SELECT
            sum(held.current_valuation) AS valuation,
            max(held.valued_on) AS valued_on,
            count(*) AS holdings,
            json_agg(
                json_build_object(
                    'fund_name', held.fund_name,
                    'isin_number', held.isin_number,
                    'target_weighting', held.target_weighting,
                    'amount_invested', held.amount_invested,
                    'current_valuation', held.current_valuation,
                    'valuation_date', held.valued_on,
                    'irr_result', held.irr_result
                )
            ) AS details
        FROM (
            SELECT
                fund.fund_name,
                fund.isin_number,
                holding.target_weighting,
                holding.amount_invested,
                coalesce(latest_value.valuation, holding.amount_invested) AS current_valuation,
                coalesce(latest_value.valuation_date, current_date) AS valued_on,
                latest_irr.irr_result
            FROM portfolio_funds AS holding
            JOIN available_funds AS fund
                ON holding.available_funds_id = fund.id AND fund.status = 'active'
            LEFT JOIN latest_portfolio_fund_valuations AS latest_value
                ON latest_value.portfolio_fund_id = holding.id
            LEFT JOIN latest_portfolio_fund_irr_values AS latest_irr ON latest_irr.fund_id = holding.id
            WHERE holding.portfolio_id = portfolio.id
              AND holding.status = 'active'
        ) AS held
    ) AS total
    WHERE portfolio.id = portfolio_id_param
      AND portfolio.status = 'active';
END;
$function$;
