"""V11 to V14: the newest row of each portfolio or holding."""

from __future__ import annotations

from typing import Any

from .world import Table, World


def latest_rows(table: Table, key: str, date: str) -> Table:
    """One row per key: no date beats any date, then the later date, then the later creation."""
    best: dict[Any, Any] = {}
    for row in table:
        day = getattr(row, date)
        rank = (day is None, day.toordinal() if day else 0, row.created_at)
        if getattr(row, key) not in best or rank > best[getattr(row, key)][0]:
            best[getattr(row, key)] = (rank, row)
    return [row for _, row in best.values()]


def lpv(w: World) -> Table:
    """LPV: latest value per portfolio."""
    return latest_rows(w.portfolio_valuations, "portfolio_id", "valuation_date")


def lpi(w: World) -> Table:
    """LPI: latest IRR per portfolio."""
    return latest_rows(w.portfolio_irr_values, "portfolio_id", "date")


def lfv(w: World) -> Table:
    """LFV: latest value per holding."""
    return latest_rows(w.portfolio_fund_valuations, "portfolio_fund_id", "valuation_date")


def lfi(w: World) -> Table:
    """LFI: latest IRR per holding."""
    return latest_rows(w.portfolio_fund_irr_values, "fund_id", "date")


def latest_portfolio_valuations(w: World) -> list[tuple]:
    return [(r.id, r.portfolio_id, r.valuation_date, r.valuation, r.created_at) for r in lpv(w)]


def latest_portfolio_irr_values(w: World) -> list[tuple]:
    return [(r.id, r.portfolio_id, r.date, r.irr_result, r.created_at) for r in lpi(w)]


def latest_portfolio_fund_valuations(w: World) -> list[tuple]:
    return [(r.id, r.portfolio_fund_id, r.valuation_date, r.valuation, r.created_at) for r in lfv(w)]


def latest_portfolio_fund_irr_values(w: World) -> list[tuple]:
    return [(r.id, r.fund_id, r.date, r.irr_result, r.created_at) for r in lfi(w)]
