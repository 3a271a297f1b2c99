"""Views that show one row per product, or per product and something finer."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from .latest import lfv, lpi, lpv
from .world import World, active, base, count, distinct, first, groups, inner, left, owner_name, same, total


def portfolio_historical_irr(w: World) -> list[tuple]:
    rows = base("i", w.portfolio_irr_values)
    rows = inner(rows, "f", w.portfolios, lambda r, f: same(r.i.portfolio_id, f.id) and active(f))
    rows = inner(rows, "p", w.client_products, lambda r, p: same(p.portfolio_id, r.f.id))
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = inner(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    return [
        (
            r.i.portfolio_id, r.f.portfolio_name, r.i.date, r.i.irr_result, r.i.created_at,
            r.p.client_id, r.g.name, r.p.product_name, r.pr.name, r.pr.theme_color,
        )
        for r in rows
    ]  # fmt: skip


def portfolio_performance_history(w: World) -> list[tuple]:
    rows = base("f", [f for f in w.portfolios if active(f)])
    rows = inner(rows, "p", w.client_products, lambda r, p: same(p.portfolio_id, r.f.id) and active(p))
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = inner(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    rows = left(rows, "v", lpv(w), lambda r, v: same(v.portfolio_id, r.f.id))
    rows = left(rows, "i", lpi(w), lambda r, i: same(i.portfolio_id, r.f.id))
    rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.f.id) and active(h))
    keyed = groups(
        rows,
        lambda r: (
            r.f.id, r.f.portfolio_name, r.f.status, r.f.start_date, r.p.client_id, r.g.name,
            r.p.product_name, r.pr.name, r.pr.theme_color,
            r.v.valuation, r.v.valuation_date, r.i.irr_result, r.i.date,
        ),
    )  # fmt: skip
    return [
        (
            *key,
            distinct(r.h.id for r in members),
            total(r.h.amount_invested for r in members),
            total(r.h.target_weighting for r in members),
        )
        for key, members in keyed
    ]


def product_value_irr_summary(w: World) -> list[tuple]:
    values = {v.portfolio_id: v for v in lpv(w)}
    rates = {i.portfolio_id: i for i in lpi(w)}
    found = []
    for p in w.client_products:
        if not active(p):
            continue
        value = values.get(p.portfolio_id) if p.portfolio_id is not None else None
        rate = rates.get(p.portfolio_id) if p.portfolio_id is not None else None
        amount = value.valuation if value else None
        irr = rate.irr_result if rate else None
        weighted = Fraction(irr) * Fraction(amount) / 100 if None not in (irr, amount) else 0
        found.append(
            (
                p.id, p.product_name, p.client_id, p.portfolio_id, p.provider_id, p.status,
                p.start_date, p.end_date, first(amount, 0), weighted, first(irr, 0),
                value.valuation_date if value else None, rate.date if rate else None,
            )
        )  # fmt: skip
    return found


def _owned(w: World, rows: list) -> list:
    """Value, IRR and owner links, as V19 and V20 join them."""
    rows = left(rows, "v", lpv(w), lambda r, v: same(v.portfolio_id, r.f.id))
    rows = left(rows, "i", lpi(w), lambda r, i: same(i.portfolio_id, r.f.id))
    rows = left(rows, "pop", w.product_owner_products, lambda r, x: same(x.product_id, r.p.id))
    return left(rows, "o", w.product_owners, lambda r, o: same(r.pop.product_owner_id, o.id) and active(o))


def _badge(irr: Decimal | None) -> str:
    if irr is None or irr == 0:
        return "unknown"
    if irr < 0:
        return "poor"
    return "good" if irr > Decimal("0.05") else "average"


def _overall(product: str | None, portfolio: str | None) -> str:
    if product == portfolio == "active":
        return "active"
    return "inactive" if "inactive" in (product, portfolio) else "unknown"


def products_display_view(w: World) -> list[tuple]:
    rows = base("p", [p for p in w.client_products if active(p)])
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = left(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    rows = left(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id))
    rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.f.id) and active(h))
    found = []
    for p, members in groups(_owned(w, rows), lambda r: r.p):
        r = members[0]
        found.append(
            (
                p.id, p.client_id, p.product_name, p.product_type, p.status, p.start_date, p.end_date,
                p.provider_id, p.portfolio_id, p.plan_number, p.created_at,
                r.g.name, r.g.advisor, r.g.type, r.pr.name, r.pr.theme_color, r.f.portfolio_name,
                r.v.valuation, r.v.valuation_date, r.i.irr_result, r.i.date,
                distinct(m.h.id for m in members),
                total(m.h.amount_invested for m in members),
                distinct(m.pop.product_owner_id for m in members),
                w.listing(owner_name(m.o) for m in members),
                _badge(r.i.irr_result),
                _overall(p.status, r.f.status),
            )
        )  # fmt: skip
    return found


def products_list_view(w: World) -> list[tuple]:
    rows = base("p", w.client_products)
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = left(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    rows = left(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id))
    found = []
    for p, members in groups(_owned(w, rows), lambda r: r.p):
        r = members[0]
        found.append(
            (
                p.id, p.client_id, p.product_name, p.product_type, p.status, p.start_date, p.end_date,
                p.provider_id, p.portfolio_id, p.plan_number, p.created_at,
                r.g.name, r.g.advisor, r.g.type, r.pr.name, r.pr.theme_color,
                r.f.portfolio_name, r.f.status,
                r.v.valuation, r.v.valuation_date, r.i.irr_result, r.i.date,
                distinct(m.pop.product_owner_id for m in members),
                w.listing(owner_name(m.o) for m in members),
                p.fixed_fee_direct, p.fixed_fee_facilitated, p.percentage_fee_facilitated,
            )
        )  # fmt: skip
    return found


def revenue_analytics_optimized(w: World) -> list[tuple]:
    rows = base("g", [g for g in w.client_groups if g.status in ("active", "dormant")])
    rows = left(rows, "p", w.client_products, lambda r, p: same(p.client_id, r.g.id) and active(p))
    rows = left(
        rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.p.portfolio_id) and active(h)
    )
    rows = left(rows, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    by_product = dict(groups(rows, lambda r: r.p.id))
    return [
        (
            r.g.id, r.g.name, r.g.status, r.p.id,
            r.p.fixed_fee_direct, r.p.fixed_fee_facilitated, r.p.percentage_fee_facilitated,
            r.p.portfolio_id, r.h.id, r.v.valuation, r.v.valuation is not None,
            sum(first(m.v.valuation, 0) for m in by_product[r.p.id]),
            count(m.h.id for m in by_product[r.p.id]),
            count(m.v.valuation for m in by_product[r.p.id]),
        )
        for r in rows
    ]  # fmt: skip
