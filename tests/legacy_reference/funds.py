"""Views about funds, holdings and templates."""

from __future__ import annotations

from fractions import Fraction

from .latest import lfi, lfv
from .world import (
    RowSet,
    World,
    active,
    base,
    count,
    distinct,
    first,
    groups,
    inner,
    left,
    mean,
    most,
    same,
    total,
)


def complete_fund_data(w: World) -> list[tuple]:
    rows = base("a", [a for a in w.available_funds if active(a)])
    rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.available_funds_id, r.a.id) and active(h))
    rows = left(rows, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    rows = left(rows, "i", lfi(w), lambda r, i: same(i.fund_id, r.h.id))
    rows = left(rows, "log", w.holding_activity_log, lambda r, x: same(x.portfolio_fund_id, r.h.id))
    return [
        (
            a.id, a.fund_name, a.isin_number, a.risk_factor, a.fund_cost, a.status, a.created_at,
            distinct(r.h.id for r in members),
            distinct(r.h.portfolio_id for r in members),
            total(r.h.amount_invested for r in members),
            mean(r.h.target_weighting for r in members),
            total(r.v.valuation for r in members),
            mean(r.i.irr_result for r in members),
            distinct(r.log.id for r in members),
            most(r.log.activity_timestamp for r in members),
        )
        for a, members in groups(rows, lambda r: r.a)
    ]  # fmt: skip


def fund_activity_summary(w: World) -> list[tuple]:
    rows = base("h", w.portfolio_funds)
    rows = inner(rows, "a", w.available_funds, lambda r, a: same(r.h.available_funds_id, a.id) and active(a))
    rows = left(rows, "log", w.holding_activity_log, lambda r, x: same(x.portfolio_fund_id, r.h.id))
    rows = left(rows, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    rows = left(rows, "i", lfi(w), lambda r, i: same(i.fund_id, r.h.id))
    found = []
    for h, members in groups(rows, lambda r: r.h):
        r = members[0]

        def of(kind: str, members: RowSet = members) -> object:
            return total(m.log.amount if m.log.activity_type == kind else 0 for m in members)

        found.append(
            (
                h.id, h.portfolio_id, h.available_funds_id,
                r.a.fund_name, r.a.isin_number, r.a.risk_factor, r.a.fund_cost,
                h.target_weighting, h.amount_invested, h.start_date, h.status,
                count(m.log.id for m in members),
                of("Investment"), of("Withdrawal"), of("FundSwitchIn"), of("FundSwitchOut"),
                most(m.log.activity_timestamp for m in members),
                r.v.valuation, r.v.valuation_date, r.i.irr_result, r.i.date,
                of("RegularInvestment"), of("TaxUplift"), of("ProductSwitchIn"), of("ProductSwitchOut"),
            )
        )  # fmt: skip
    return found


def fund_distribution_fast(w: World) -> list[tuple]:
    rows = base("a", w.available_funds)
    rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.available_funds_id, r.a.id) and active(h))
    rows = left(rows, "v", lfv(w), lambda r, v: same(v.portfolio_fund_id, r.h.id))
    found = []
    for a, members in groups(rows, lambda r: r.a):
        amount = first(total(r.v.valuation for r in members), total(r.h.amount_invested for r in members), 0)
        if amount > 0:
            found.append((a.id, a.fund_name, amount, count(r.h.id for r in members)))
    return found


def fund_historical_irr(w: World) -> list[tuple]:
    rows = base("i", w.portfolio_fund_irr_values)
    rows = inner(rows, "h", w.portfolio_funds, lambda r, h: same(r.i.fund_id, h.id) and active(h))
    rows = inner(rows, "a", w.available_funds, lambda r, a: same(r.h.available_funds_id, a.id) and active(a))
    rows = inner(rows, "f", w.portfolios, lambda r, f: same(r.h.portfolio_id, f.id) and active(f))
    rows = inner(rows, "p", w.client_products, lambda r, p: same(p.portfolio_id, r.f.id))
    rows = inner(rows, "g", w.client_groups, lambda r, g: same(r.p.client_id, g.id) and active(g))
    rows = inner(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    return [
        (
            r.i.fund_id, r.h.portfolio_id, r.a.fund_name, r.a.isin_number, r.a.risk_factor,
            r.i.date, r.i.irr_result, r.i.created_at, r.f.portfolio_name,
            r.p.client_id, r.g.name, r.p.product_name, r.pr.name,
        )
        for r in rows
    ]  # fmt: skip


def template_generation_weighted_risk(w: World) -> list[tuple]:
    rows = base("t", [t for t in w.template_portfolio_generations if active(t)])
    rows = inner(rows, "ap", w.available_portfolios, lambda r, x: same(r.t.available_portfolio_id, x.id))
    rows = left(
        rows,
        "tf",
        w.available_portfolio_funds,
        lambda r, x: same(x.template_portfolio_generation_id, r.t.id),
    )
    rows = left(rows, "a", w.available_funds, lambda r, a: same(r.tf.fund_id, a.id) and active(a))
    found = []
    for t, members in groups(rows, lambda r: r.t):
        weights = total(r.tf.target_weighting for r in members)
        risks = total(
            Fraction(r.tf.target_weighting) * r.a.risk_factor
            for r in members
            if r.tf.target_weighting is not None and r.a.risk_factor is not None
        )
        names = sorted(r.a.fund_name for r in members if r.a.fund_name is not None)
        found.append(
            (
                t.id, t.available_portfolio_id, t.version_number, t.generation_name, t.description,
                t.status, t.created_at, members[0].ap.name,
                count(r.tf.id for r in members),
                mean(r.a.risk_factor for r in members),
                risks / Fraction(weights) if weights and risks is not None else None,
                weights,
                ", ".join(names) if names else None,
            )
        )  # fmt: skip
    return found
