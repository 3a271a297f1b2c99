"""Views that show one row per client group, adviser or owner."""

from __future__ import annotations

from .latest import lpi, lpv
from .world import (
    RowSet,
    World,
    active,
    base,
    distinct,
    first,
    groups,
    left,
    mean,
    most,
    owner_name,
    same,
    total,
)


def advisor_client_summary(w: World) -> list[tuple]:
    named = [g for g in w.client_groups if g.advisor]
    return [
        (
            advisor,
            len(rows),
            sum(active(row.g) for row in rows),
            w.listing(row.g.name for row in rows),
        )
        for advisor, rows in groups(base("g", named), lambda row: row.g.advisor)
    ]


def _per_group(w: World, holdings: bool) -> list[tuple]:
    """Active groups with everything that V03 and V04 join to them."""
    rows = base("g", [g for g in w.client_groups if active(g)])
    rows = left(rows, "p", w.client_products, lambda r, p: same(p.client_id, r.g.id))
    rows = left(rows, "gpo", w.client_group_product_owners, lambda r, x: same(x.client_group_id, r.g.id))
    rows = left(rows, "o", w.product_owners, lambda r, o: same(r.gpo.product_owner_id, o.id) and active(o))
    rows = left(rows, "pr", w.available_providers, lambda r, x: same(r.p.provider_id, x.id))
    rows = left(rows, "f", w.portfolios, lambda r, f: same(r.p.portfolio_id, f.id) and active(f))
    if holdings:
        rows = left(rows, "h", w.portfolio_funds, lambda r, h: same(h.portfolio_id, r.f.id) and active(h))
    rows = left(rows, "v", lpv(w), lambda r, v: same(v.portfolio_id, r.f.id))
    rows = left(rows, "i", lpi(w), lambda r, i: same(i.portfolio_id, r.f.id))
    return groups(rows, lambda r: r.g)


def _active_products(rows: RowSet) -> int:
    return distinct(r.p.id for r in rows if active(r.p))


def client_group_complete_data(w: World) -> list[tuple]:
    return [
        (
            g.id,
            g.name,
            g.advisor,
            g.type,
            g.status,
            g.created_at,
            distinct(r.p.id for r in rows),
            _active_products(rows),
            distinct(r.o.id for r in rows),
            distinct(r.f.id for r in rows),
            distinct(r.h.id for r in rows),
            total(r.v.valuation for r in rows),
            mean(r.i.irr_result for r in rows),
            w.listing(r.o.known_as for r in rows),
            w.listing(r.pr.name for r in rows),
            most(r.v.valuation_date for r in rows),
            most(r.i.date for r in rows),
        )
        for g, rows in _per_group(w, holdings=True)
    ]


def client_groups_summary(w: World) -> list[tuple]:
    return [
        (
            g.id,
            g.name,
            g.advisor,
            g.type,
            g.status,
            g.created_at,
            distinct(r.p.id for r in rows),
            _active_products(rows),
            distinct(r.o.id for r in rows),
            sum(first(r.v.valuation, 0) for r in rows),
            mean(r.i.irr_result for r in rows),
            most(r.v.valuation_date for r in rows),
            w.listing(r.pr.name for r in rows),
        )
        for g, rows in _per_group(w, holdings=False)
    ]


def product_owner_details(w: World) -> list[tuple]:
    found = []
    for o in w.product_owners:
        if not active(o):
            continue
        memberships = [x for x in w.client_group_product_owners if same(x.product_owner_id, o.id)]
        links = [x for x in w.product_owner_products if same(x.product_owner_id, o.id)]
        group_ids = {x.client_group_id for x in memberships}
        product_ids = {x.product_id for x in links}
        found.append(
            (
                o.id,
                o.firstname,
                o.surname,
                o.known_as,
                o.status,
                o.created_at,
                owner_name(o),
                distinct(group_ids),
                distinct(product_ids),
                w.listing(g.name for g in w.client_groups if g.id in group_ids and active(g)),
                w.listing(p.product_name for p in w.client_products if p.id in product_ids and active(p)),
            )
        )
    return found
