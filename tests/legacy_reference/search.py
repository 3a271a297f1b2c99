"""F02 ``global_search_entities`` in Python: every hit with its score, neither sorted nor cut."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from .world import World, active, first, owner_name, same

Hit = tuple[str, int, str | None, str, int]


def like(text: str, pattern: str) -> bool:
    """SQL's LIKE: % any text, _ any one character, a backslash takes the next one literally."""
    expression, characters = "", iter(pattern)
    for character in characters:
        if character == "\\":
            expression += re.escape(next(characters))
        else:
            expression += {"%": ".*", "_": "."}.get(character, re.escape(character))
    return re.fullmatch(expression, text, re.DOTALL) is not None


class Term:
    """The three ways in which a search term may match a field; a null field never matches."""

    def __init__(self, world: World, term: str) -> None:
        self._lower = world.lower
        self._term = term

    def equal(self, field: str | None) -> bool:
        return field is not None and self._lower(field) == self._lower(self._term)

    def starts(self, field: str | None) -> bool:
        return field is not None and like(self._lower(field), self._lower(self._term + "%"))

    def contains(self, field: str | None) -> bool:
        return field is not None and like(self._lower(field), self._lower("%" + self._term + "%"))

    def score(self, name: str | None, others: Iterable[tuple[str | None, int]]) -> int:
        """100 for the whole name, 90 for its beginning, else the first field that matches, else 60."""
        if self.equal(name):
            return 100
        if self.starts(name):
            return 90
        return next((points for field, points in others if self.contains(field)), 60)


def _text(*parts: Any) -> str:
    return "".join("" if part is None else str(part) for part in parts)


def hits(w: World, term: str | None) -> list[Hit]:
    """Everything the term finds."""
    if term is None:
        return []
    t = Term(w, term)
    branches = (_groups, _owners, _products, _funds, _providers, _portfolios)
    return [hit for branch in branches for hit in branch(w, t)]


def _groups(w: World, t: Term) -> Iterator[Hit]:
    for g in filter(active, w.client_groups):
        if any(map(t.contains, (g.name, g.advisor, g.type))):
            text = _text("Client: ", g.name, " (", g.type, ") - Advisor: ", first(g.advisor, "None"))
            yield "client_group", g.id, g.name, text, t.score(g.name, [(g.name, 80), (g.advisor, 70)])


def _owners(w: World, t: Term) -> Iterator[Hit]:
    for o in filter(active, w.product_owners):
        if any(map(t.contains, (o.firstname, o.surname, o.known_as))):
            name = owner_name(o)
            score = t.score(name, [(o.firstname, 80), (o.surname, 80), (o.known_as, 85)])
            yield "product_owner", o.id, name, f"Product Owner: {name}", score


def _products(w: World, t: Term) -> Iterator[Hit]:
    for p in w.client_products:
        for g in w.client_groups:
            for pr in w.available_providers:
                joined = same(p.client_id, g.id) and active(g) and same(p.provider_id, pr.id)
                if joined and any(map(t.contains, (p.product_name, p.product_type, p.plan_number))):
                    lapsed = " (LAPSED)" if p.status == "inactive" else None
                    text = _text(
                        "Product: ", p.product_name, " - Client: ", g.name, " - Provider: ", pr.name, lapsed
                    )
                    others = [(p.product_name, 80), (p.plan_number, 85), (p.product_type, 75)]
                    yield "client_product", p.id, p.product_name, text, t.score(p.product_name, others)


def _funds(w: World, t: Term) -> Iterator[Hit]:
    for a in filter(active, w.available_funds):
        if t.contains(a.fund_name) or t.contains(a.isin_number):
            text = _text("Fund: ", a.fund_name, " (", a.isin_number, ") - Risk: ", a.risk_factor)
            yield (
                "fund",
                a.id,
                a.fund_name,
                text,
                t.score(a.fund_name, [(a.fund_name, 80), (a.isin_number, 95)]),
            )


def _providers(w: World, t: Term) -> Iterator[Hit]:
    for pr in filter(active, w.available_providers):
        if t.contains(pr.name):
            yield "provider", pr.id, pr.name, f"Provider: {pr.name}", t.score(pr.name, [(pr.name, 80)])


def _portfolios(w: World, t: Term) -> Iterator[Hit]:
    for f in filter(active, w.portfolios):
        for p in filter(active, w.client_products):
            for g in filter(active, w.client_groups):
                if same(p.portfolio_id, f.id) and same(p.client_id, g.id) and t.contains(f.portfolio_name):
                    text = _text("Portfolio: ", f.portfolio_name, " - Client: ", g.name)
                    score = t.score(f.portfolio_name, [(f.portfolio_name, 80)])
                    yield "portfolio", f.id, f.portfolio_name, text, score
