"""The 24 legacy views and 2 legacy functions once more, in Python, from the legacy schema's prose.

Written without looking at the SQL, and in another style: what both say is what the document says.
``VIEWS[name](world)`` gives the rows a view must show, as a list in no particular order.
"""

from __future__ import annotations

from . import client_groups, company, funds, latest, products

_NAMES = {
    latest: ["latest_portfolio_fund_irr_values", "latest_portfolio_fund_valuations",
             "latest_portfolio_irr_values", "latest_portfolio_valuations"],
    client_groups: ["advisor_client_summary", "client_group_complete_data", "client_groups_summary",
                    "product_owner_details"],
    company: ["analytics_dashboard_summary", "company_irr_cache", "company_revenue_analytics",
              "provider_distribution_fast", "provider_revenue_breakdown"],
    funds: ["complete_fund_data", "fund_activity_summary", "fund_distribution_fast", "fund_historical_irr",
            "template_generation_weighted_risk"],
    products: ["portfolio_historical_irr", "portfolio_performance_history", "product_value_irr_summary",
               "products_display_view", "products_list_view", "revenue_analytics_optimized"],
}  # fmt: skip

VIEWS = {name: getattr(module, name) for module, names in _NAMES.items() for name in names}
