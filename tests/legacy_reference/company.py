"""Views about the whole company and its providers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from .latest import lfv, lpi, lpv
from .world import World, active, base, distinct, first, groups, inner, least, left, mean, most, same, total


def company_irr_cache(w: World) -> list[tuple]:
    rows = base("p", [p for p in w.client_products if active(p)])
    rows = inner(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id) and active(f))
    rows = left(rows, "i", lpi(w), lambda r, i: same(i.portfolio_id, r.f.id))
    return [
        ("company_irr", mean(r.i.irr_result for r in rows), w.now, "active"),
        ("last_update", None, w.now, "active"),
    ]


def analytics_dashboard_summary(w: World) -> list[tuple]:
    rows = base("p", [p for p in w.client_products if active(p)])
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = inner(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id) and active(f))
    rows = inner(rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.f.id) and active(h))
    rows = inner(rows, "a", w.available_funds, lambda r, a: same(r.h.available_funds_id, a.id) and active(a))
    rows = left(rows, "v", lpv(w), lambda r, v: same(v.portfolio_id, r.f.id))
    return [
        (
            total(r.v.valuation for r in rows),
            company_irr_cache(w)[0][1],
            distinct(r.g.id for r in rows),
            distinct(r.p.id for r in rows),
            distinct(r.a.id for r in rows),
            w.now,
        )
    ]


def company_revenue_analytics(w: World) -> list[tuple]:
    held = left(
        base("f", w.portfolios),
        "h",
        w.portfolio_funds,
        lambda r, h: same(h.portfolio_id, r.f.id) and active(h),
    )
    held = left(held, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    worth = {
        f.id: sum(first(r.v.valuation, Decimal(0)) for r in rows) for f, rows in groups(held, lambda r: r.f)
    }

    def fee(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    direct, facilitated, percentage, share, value = [], [], [], [], []
    for p in w.client_products:
        percent, t = fee(p.percentage_fee_facilitated), worth.get(p.portfolio_id)
        direct.append(fee(p.fixed_fee_direct))
        facilitated.append(fee(p.fixed_fee_facilitated))
        percentage.append(percent)
        value.append(first(t, 0))
        share.append(
            Fraction(t) * Fraction(percent) / 100 if percent is not None and t is not None and t > 0 else 0
        )
    paying = [n for n, p in enumerate(w.client_products) if active(p)]

    def revenue(*parts: list) -> Fraction | None:
        if not w.client_products:
            return None
        return sum((Fraction(first(part[n], 0)) for n in paying for part in parts), Fraction(0))

    def positive(values: list) -> Fraction | None:
        return mean(v for v in values if v is not None and v > 0)

    return [
        (
            revenue(direct),
            revenue(facilitated),
            revenue(share),
            revenue(direct, facilitated, share),
            distinct(p.provider_id for p in w.client_products),
            distinct(p.client_id for p in w.client_products),
            len(w.client_products),
            total(value),
            positive(percentage),
            positive(facilitated),
            positive(direct),
            w.now,
        )
    ]


def provider_distribution_fast(w: World) -> list[tuple]:
    rows = base("pr", w.available_providers)
    rows = left(rows, "p", w.client_products, lambda r, p: same(p.provider_id, r.pr.id) and active(p))
    rows = left(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id) and active(f))
    rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.f.id) and active(h))
    rows = left(rows, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    found = []
    for pr, members in groups(rows, lambda r: r.pr):
        amount = first(total(r.v.valuation for r in members), total(r.h.amount_invested for r in members), 0)
        if amount > 0:
            found.append((pr.id, pr.name, amount, distinct(r.p.id for r in members)))
    return found


def provider_revenue_breakdown(w: World) -> list[tuple]:
    rows = base("pr", [x for x in w.available_providers if active(x)])
    rows = left(rows, "p", w.client_products, lambda r, p: same(p.provider_id, r.pr.id) and active(p))
    rows = left(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = left(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id) and active(f))
    rows = left(rows, "v", lpv(w), lambda r, v: same(v.portfolio_id, r.f.id))
    rows = left(rows, "i", lpi(w), lambda r, i: same(i.portfolio_id, r.f.id))
    return [
        (
            pr.id, pr.name, pr.status, pr.theme_color,
            distinct(r.p.id for r in members),
            distinct(r.g.id for r in members),
            distinct(r.f.id for r in members),
            total(r.v.valuation for r in members),
            mean(r.i.irr_result for r in members),
            most(r.v.valuation_date for r in members),
            least(r.p.start_date for r in members),
            most(r.p.start_date for r in members),
        )
        for pr, members in groups(rows, lambda r: r.pr)
    ]  # fmt: skip
