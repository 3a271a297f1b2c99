"""What the sample data must hold, and what they must not: each a FROM clause that counts rows."""

from __future__ import annotations

ACTIVITIES = (
    "Investment", "RegularInvestment", "Withdrawal", "TaxUplift", "FundSwitchIn", "FundSwitchOut",
    "ProductSwitchIn", "ProductSwitchOut",
)  # fmt: skip

PEOPLE = {
    "never logged in": "authentication WHERE last_login IS NULL",
    "session over": "session WHERE expires_at < timestamptz '2026-10-31 00:00+00'",
    "group without name": "client_groups WHERE name IS NULL",
    "group without type": "client_groups WHERE type IS NULL",
    "dormant group": "client_groups WHERE status = 'dormant'",
    "inactive group": "client_groups WHERE status = 'inactive'",
    "business": "client_groups WHERE type = 'Business'",
    "trust": "client_groups WHERE type = 'Trust'",
    "group without adviser": "client_groups WHERE advisor IS NULL AND advisor_id IS NULL",
    "group with empty adviser": "client_groups WHERE advisor = ''",
    "adviser id that points nowhere": "client_groups AS g LEFT JOIN profiles AS p ON p.id = g.advisor_id"
    " WHERE g.advisor_id IS NOT NULL AND p.id IS NULL",
    "known_as null": "product_owners WHERE known_as IS NULL",
    "known_as empty": "product_owners WHERE known_as = ''",
    "known_as not the first name": "product_owners WHERE known_as <> firstname AND known_as <> ''",
    "firstname null": "product_owners WHERE firstname IS NULL",
    "firstname empty": "product_owners WHERE firstname = ''",
    "firstname with a blank at the end": "product_owners WHERE firstname LIKE '% '",
    "surname null": "product_owners WHERE surname IS NULL",
    "owner without first name and surname": "product_owners WHERE surname IS NULL AND firstname IS NULL",
    "owner status null": "product_owners WHERE status IS NULL",
    "owner inactive": "product_owners WHERE status = 'inactive'",
    "unicode name": "product_owners WHERE surname ~ '[^ -~]'",
    "right-to-left name": "product_owners WHERE concat(surname, firstname) ~ '[ا-ي]'",
    "apostrophe": "product_owners WHERE surname LIKE '%''%'",
    "owner in no group": "product_owners AS o LEFT JOIN client_group_product_owners AS m"
    " ON m.product_owner_id = o.id WHERE m.id IS NULL",
    "owner in two groups": "(SELECT 1 FROM client_group_product_owners GROUP BY product_owner_id"
    " HAVING count(DISTINCT client_group_id) > 1 AND max(product_owner_id) > 0) AS t",
    "membership twice": "client_group_product_owners AS a JOIN client_group_product_owners AS b"
    " USING (product_owner_id, client_group_id) WHERE a.id < b.id",
    "membership without group": "client_group_product_owners WHERE client_group_id IS NULL",
    "membership without owner": "client_group_product_owners WHERE product_owner_id IS NULL",
}

CATALOGUE = {
    "the fund Cash": "available_funds WHERE (fund_name, isin_number, status) = ('Cash', 'N/A', 'active')",
    "inactive fund": "available_funds WHERE status = 'inactive'",
    "fund without risk": "available_funds WHERE risk_factor IS NULL",
    "fund without cost": "available_funds WHERE fund_cost IS NULL",
    "ISIN twice": "available_funds AS a JOIN available_funds AS b USING (isin_number) WHERE a.id < b.id",
    "inactive provider": "available_providers WHERE status = 'inactive'",
    "provider without colour": "available_providers WHERE theme_color IS NULL",
    "template without generation": "available_portfolios AS p LEFT JOIN template_portfolio_generations AS g"
    " ON g.available_portfolio_id = p.id WHERE g.id IS NULL",
    "archived generation": "template_portfolio_generations WHERE status = 'archived'",
    "draft without funds": "template_portfolio_generations AS g LEFT JOIN available_portfolio_funds AS w"
    " ON w.template_portfolio_generation_id = g.id WHERE g.status = 'draft' AND w.id IS NULL",
    "template with an inactive fund": "available_portfolio_funds AS w"
    " JOIN available_funds AS f ON f.id = w.fund_id WHERE f.status = 'inactive'",
}

PRODUCTS = {
    "group without product": "client_groups AS g LEFT JOIN client_products AS p ON p.client_id = g.id"
    " WHERE p.id IS NULL",
    "product without portfolio": "client_products WHERE portfolio_id IS NULL",
    "shared portfolio": "client_products AS a JOIN client_products AS b USING (portfolio_id)"
    " WHERE a.id < b.id",
    "lapsed": "client_products WHERE status = 'inactive' AND end_date > start_date",
    "lapsed, as the page says": "client_products WHERE status = 'lapsed' AND end_date IS NOT NULL",
    "inactive without end date": "client_products WHERE status = 'inactive' AND end_date IS NULL",
    "active product of an inactive group": "client_products AS p"
    " JOIN client_groups AS g ON g.id = p.client_id WHERE (p.status, g.status) = ('active', 'inactive')",
    "product without name": "client_products WHERE product_name IS NULL",
    "product with empty name": "client_products WHERE product_name = ''",
    "product without type": "client_products WHERE product_type IS NULL",
    "product without start": "client_products WHERE start_date IS NULL",
    "product without provider": "client_products WHERE provider_id IS NULL",
    "product without plan number": "client_products WHERE plan_number IS NULL",
    "notes of several lines": "client_products WHERE notes LIKE E'%\n%'",
    "generation that was deleted": "client_products AS p LEFT JOIN template_portfolio_generations AS g"
    " ON g.id = p.template_generation_id WHERE p.template_generation_id IS NOT NULL AND g.id IS NULL",
    "no fee": "client_products"
    " WHERE num_nonnulls(fixed_fee_direct, fixed_fee_facilitated, percentage_fee_facilitated) = 0",
    "fee of zero": "client_products WHERE fixed_fee_direct = '0.0'",
    "several fees": "client_products WHERE num_nonnulls(fixed_fee_direct, fixed_fee_facilitated) = 2",
    "percentage fee": "client_products WHERE percentage_fee_facilitated::numeric BETWEEN 0.01 AND 5",
    "provider changed": "provider_switch_log AS s JOIN client_products AS p ON p.id = s.client_product_id"
    " WHERE p.provider_id = s.new_provider_id AND s.previous_provider_id <> s.new_provider_id",
    "went and came back": "provider_switch_log AS a JOIN provider_switch_log AS b USING (client_product_id)"
    " WHERE a.switch_date < b.switch_date AND a.new_provider_id = b.previous_provider_id",
    "switch without description": "provider_switch_log WHERE description IS NULL",
}

OWNERSHIP = {
    **{
        f"{owners} owners": "(SELECT 1 FROM client_products AS p LEFT JOIN product_owner_products AS l"
        " ON l.product_id = p.id GROUP BY p.id"
        f" HAVING count(DISTINCT l.product_owner_id) = {owners}) AS t"
        for owners in range(6)
    },
    "owner linked twice": "product_owner_products AS a JOIN product_owner_products AS b"
    " USING (product_id, product_owner_id) WHERE a.id < b.id",
    "link without owner": "product_owner_products WHERE product_owner_id IS NULL AND product_id > 0",
    "link without product": "product_owner_products WHERE product_id IS NULL AND product_owner_id > 0",
    "link without owner among others": "(SELECT 1 FROM product_owner_products WHERE product_id > 0"
    " GROUP BY product_id HAVING bool_or(product_owner_id IS NULL) AND count(product_owner_id) > 1) AS t",
    "owners linked at the same moment": "product_owner_products AS a JOIN product_owner_products AS b"
    " USING (product_id, created_at) WHERE a.product_owner_id < b.product_owner_id",
    "earlier link with the larger id": "product_owner_products AS a JOIN product_owner_products AS b"
    " USING (product_id) WHERE a.id < b.id AND a.created_at > b.created_at",
    "later link with the larger id": "product_owner_products AS a JOIN product_owner_products AS b"
    " USING (product_id) WHERE a.id < b.id AND a.created_at < b.created_at",
    "earlier link with the larger owner": "product_owner_products AS a JOIN product_owner_products AS b"
    " USING (product_id) WHERE a.product_owner_id < b.product_owner_id AND a.created_at > b.created_at",
    "inactive owner of a product": "product_owner_products AS l"
    " JOIN product_owners AS o ON o.id = l.product_owner_id WHERE o.status = 'inactive'",
    "owner outside the group": "product_owner_products AS l JOIN client_products AS p ON p.id = l.product_id"
    " LEFT JOIN client_group_product_owners AS m"
    " ON m.product_owner_id = l.product_owner_id AND m.client_group_id = p.client_id"
    " WHERE l.product_owner_id IS NOT NULL AND m.id IS NULL",
}

HOLDINGS = {
    "portfolio without name": "portfolios WHERE portfolio_name IS NULL",
    "portfolio ended": "portfolios WHERE status = 'inactive' AND end_date IS NOT NULL",
    "portfolio from a template": "portfolios WHERE template_generation_id IS NOT NULL",
    "holding of Cash": "portfolio_funds WHERE available_funds_id = 1",
    "portfolio without Cash": "portfolios AS f LEFT JOIN portfolio_funds AS h"
    " ON h.portfolio_id = f.id AND h.available_funds_id = 1 WHERE h.id IS NULL",
    "closed holding": "portfolio_funds WHERE status = 'inactive' AND end_date IS NOT NULL",
    "fund twice in a portfolio": "portfolio_funds AS a JOIN portfolio_funds AS b"
    " USING (portfolio_id, available_funds_id) WHERE a.id < b.id",
    "holding without amount": "portfolio_funds WHERE amount_invested IS NULL",
    "holding without weight": "portfolio_funds WHERE target_weighting IS NULL AND available_funds_id <> 1",
    "valued in the first month": "portfolio_fund_valuations WHERE valuation_date = date '2024-11-30'",
    "valued in the last month": "portfolio_valuations WHERE valuation_date = date '2026-10-31'",
    "last valued before the end": "latest_portfolio_valuations WHERE valuation_date < date '2026-01-01'",
    "return without valuation": "portfolio_irr_values WHERE portfolio_valuation_id IS NULL",
    "fund return without valuation": "portfolio_fund_irr_values WHERE fund_valuation_id IS NULL",
    "negative return": "portfolio_irr_values WHERE irr_result < 0",
    "measured twice": "portfolio_fund_irr_values AS a JOIN portfolio_fund_irr_values AS b"
    " USING (fund_id, date) WHERE a.id < b.id AND a.created_at < b.created_at",
    **{kind: f"holding_activity_log WHERE activity_type = '{kind}'" for kind in ACTIVITIES},
}

ODDITIES = PEOPLE | CATALOGUE | PRODUCTS | OWNERSHIP | HOLDINGS

VIOLATIONS = {
    "portfolio value is not the sum of its funds": "(SELECT w.id FROM portfolio_valuations AS w"
    " LEFT JOIN portfolio_funds AS h ON h.portfolio_id = w.portfolio_id"
    " LEFT JOIN portfolio_fund_valuations AS v"
    " ON v.portfolio_fund_id = h.id AND v.valuation_date = w.valuation_date"
    " GROUP BY w.id, w.valuation HAVING w.valuation IS DISTINCT FROM sum(v.valuation)) AS t",
    "portfolio without a value": "portfolios AS f LEFT JOIN portfolio_valuations AS v"
    " ON v.portfolio_id = f.id WHERE v.id IS NULL",
    "holding without a value": "portfolio_funds AS h LEFT JOIN portfolio_fund_valuations AS v"
    " ON v.portfolio_fund_id = h.id WHERE v.id IS NULL",
    "dangling portfolio": "client_products AS p LEFT JOIN portfolios AS f ON f.id = p.portfolio_id"
    " WHERE p.portfolio_id IS NOT NULL AND f.id IS NULL",
    "fund return on another valuation": "portfolio_fund_irr_values AS i"
    " LEFT JOIN portfolio_fund_valuations AS v ON v.id = i.fund_valuation_id"
    " WHERE i.fund_valuation_id IS NOT NULL"
    " AND (v.portfolio_fund_id, v.valuation_date) IS DISTINCT FROM (i.fund_id, i.date)",
    "portfolio return on another valuation": "portfolio_irr_values AS i LEFT JOIN portfolio_valuations AS v"
    " ON v.id = i.portfolio_valuation_id WHERE i.portfolio_valuation_id IS NOT NULL"
    " AND (v.portfolio_id, v.valuation_date) IS DISTINCT FROM (i.portfolio_id, i.date)",
    "value of nothing": "(SELECT valuation FROM portfolio_fund_valuations"
    " UNION ALL SELECT valuation FROM portfolio_valuations) AS t WHERE valuation IS NULL OR valuation < 0",
    "return of nothing": "(SELECT irr_result FROM portfolio_fund_irr_values"
    " UNION ALL SELECT irr_result FROM portfolio_irr_values) AS t WHERE irr_result IS NULL",
    "two values on one day": "(SELECT 1 FROM portfolio_fund_valuations"
    " GROUP BY portfolio_fund_id, valuation_date HAVING count(*) > 1) AS t",
    "activity that the list route cannot show": "holding_activity_log"
    " WHERE num_nulls(portfolio_fund_id, product_id, amount) > 0 OR amount <= 0",
    "activity of a holding of another portfolio": "holding_activity_log AS l"
    " JOIN portfolio_funds AS h ON h.id = l.portfolio_fund_id"
    " JOIN client_products AS p ON p.id = l.product_id WHERE p.portfolio_id <> h.portfolio_id",
    "fee that is no number": "client_products WHERE concat_ws('|', fixed_fee_direct, fixed_fee_facilitated,"
    r" percentage_fee_facilitated) !~ '^([0-9]+\.[0-9]+(\||$))*$'",
    "product ended before it began": "client_products WHERE end_date < start_date",
    "weights that do not add up": "(SELECT 1 FROM available_portfolio_funds"
    " GROUP BY template_portfolio_generation_id HAVING sum(target_weighting) <> 100) AS t",
    "unknown product type": "client_products WHERE product_type NOT IN ('ISA', 'GIA', 'Onshore Bond',"
    " 'Offshore Bond', 'Pension', 'Other', 'Investment', 'Savings', 'Bond')",
    "unknown status": "(SELECT status FROM client_groups"
    " WHERE status NOT IN ('active', 'dormant', 'inactive') UNION ALL"
    " SELECT status FROM client_products WHERE status NOT IN ('active', 'inactive', 'lapsed')) AS t",
    "after the end of the records": "(SELECT created_at FROM client_products"
    " UNION ALL SELECT created_at FROM portfolio_irr_values"
    " UNION ALL SELECT activity_timestamp FROM holding_activity_log) AS t"
    " WHERE created_at >= timestamptz '2026-11-01 00:00+00'",
}
