"""F01 ``calculate_adhoc_portfolio_valuation`` in Python."""

from __future__ import annotations

from typing import Any

from .latest import lfi, lfv
from .world import NOTHING, World, active, first, most, same


def adhoc_valuation(w: World, portfolio_id: int | None) -> tuple[Any, ...] | None:
    """The row the function returns, its holdings as a list of dictionaries; None for no row."""
    portfolio = next((f for f in w.portfolios if same(f.id, portfolio_id) and active(f)), None)
    if portfolio is None:
        return None
    values = {v.portfolio_fund_id: v for v in lfv(w)}
    rates = {i.fund_id: i for i in lfi(w)}
    details = []
    for h in w.portfolio_funds:
        fund = next((a for a in w.available_funds if same(h.available_funds_id, a.id) and active(a)), None)
        if not same(h.portfolio_id, portfolio_id) or not active(h) or fund is None:
            continue
        value = values.get(h.id, NOTHING)
        details.append(
            {
                "fund_name": fund.fund_name,
                "isin_number": fund.isin_number,
                "target_weighting": h.target_weighting,
                "amount_invested": h.amount_invested,
                "current_valuation": first(value.valuation, h.amount_invested),
                "valuation_date": first(value.valuation_date, w.today).isoformat(),
                "irr_result": rates.get(h.id, NOTHING).irr_result,
            }
        )
    return (
        portfolio.id,
        portfolio.portfolio_name,
        sum(first(detail["current_valuation"], 0) for detail in details),
        first(most(detail["valuation_date"] for detail in details), w.today.isoformat()),
        len(details) or None,
        details,
    )
