-- view template_generation_weighted_risk
-- Legacy: weighted risk of each active generation of a portfolio template.
-- Inactive funds count in the weights but not in the risk; the list of names is neither distinct nor sorted.
-- Tests: tests/sql/test_legacy_views.py
CREATE OR REPLACE VIEW template_generation_weighted_risk AS
SELECT
    generation.id,
    generation.available_portfolio_id,
    generation.version_number,
    generation.generation_name,
    generation.description,
    generation.status,
    generation.created_at,
    template.name AS portfolio_name,
    count(target.id) AS fund_count,
    avg(fund.risk_factor) AS avg_risk_factor,
    sum(target.target_weighting * fund.risk_factor) / nullif(sum(target.target_weighting), 0)
        AS weighted_risk_factor,
    sum(target.target_weighting) AS total_weighting,
    string_agg(fund.fund_name::text, ', ') AS fund_names
FROM template_portfolio_generations AS generation
JOIN available_portfolios AS template ON generation.available_portfolio_id = template.id
LEFT JOIN available_portfolio_funds AS target
    ON target.template_portfolio_generation_id = generation.id
LEFT JOIN available_funds AS fund ON target.fund_id = fund.id AND fund.status = 'active'
WHERE generation.status = 'active'
GROUP BY
    generation.id, generation.available_portfolio_id, generation.version_number,
    generation.generation_name, generation.description, generation.status,
    generation.created_at, template.name;
