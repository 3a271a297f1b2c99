"""The two legacy functions against an independent re-implementation in Python over random contents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

import legacy_rows
from legacy_reference.search import hits
from legacy_reference.valuation import adhoc_valuation
from legacy_reference.world import World

SEEDS = [11, 12, 13]
TERMS = [
    "ann", "ANN", "Ann", "an", "smith", "zoë", "ZOË", "élan", "n/a", "family", "amil", "ISA", "p-1", "gb00", "cash",
    "%", "_", "__", "a%n", "a_n", "50\\%", "\\", "\\_", "\\\\", "'", " ", "  ", "", "nobody is called this",
]  # fmt: skip


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"contents-{seed}")
def world(server: Any, request: pytest.FixtureRequest) -> Iterator[World]:
    """A Phase 1 database with random contents, read in a transaction that stays open."""
    portal = server.templates.clone("legacy")
    try:
        legacy_rows.insert(portal.connection, legacy_rows.generate(request.param, scale=3))
        with portal.connection.transaction():
            yield World(portal.connection)
    finally:
        server.templates.drop(portal)


def search(world: World, term: str | None) -> list[tuple]:
    return world.connection.execute("SELECT * FROM global_search_entities(%s)", [term]).fetchall()


@pytest.mark.parametrize("term", TERMS)
def test_search_finds_the_best_fifty(world: World, term: str) -> None:
    found, all_hits = search(world, term), hits(world, term)
    rank = {name: n for n, name in enumerate(world.sort({hit[2] for hit in all_hits if hit[2] is not None}))}

    def order(hit: tuple) -> tuple:
        return (-hit[4], hit[2] is None, rank.get(hit[2], 0))

    expected = sorted(all_hits, key=order)
    assert [order(hit) for hit in found] == [order(hit) for hit in expected[:50]]
    # Hits of equal score and name may come in any order, so the cut may fall anywhere among the last ones.
    assert Counter(found) <= Counter(all_hits)
    certain = [hit for hit in expected if found and order(hit) < order(found[-1])]
    assert Counter(certain) <= Counter(found)


def test_an_empty_term_finds_everything_and_is_cut(world: World) -> None:
    assert len(hits(world, "")) > 50
    assert len(search(world, "")) == 50


def test_a_null_term_finds_nothing(world: World) -> None:
    assert search(world, None) == []


def test_terms_reach_every_branch_and_score(world: World) -> None:
    """Otherwise the comparison above would say little."""
    reached = [hit for term in TERMS for hit in hits(world, term)]
    branches = {"client_group", "product_owner", "client_product", "fund", "provider", "portfolio"}
    assert {hit[0] for hit in reached} == branches
    assert {hit[4] for hit in reached} >= {100, 95, 90, 85, 80, 75, 70, 60}


def test_product_without_provider_is_never_found(portal_at: Any) -> None:
    portal = portal_at("legacy")
    portal.run("INSERT INTO client_groups (id, name) VALUES (1, 'G')")
    portal.run("INSERT INTO client_products (client_id, product_name) VALUES (1, 'Lost ISA')")
    assert portal.all("SELECT * FROM global_search_entities('lost')") == []


def test_lapsed_product_says_so(portal_at: Any) -> None:
    portal = portal_at("legacy")
    portal.run("INSERT INTO client_groups (id, name) VALUES (1, 'G')")
    portal.run("INSERT INTO available_providers (id, name) VALUES (1, 'P')")
    portal.run(
        "INSERT INTO client_products (id, client_id, provider_id, product_name, status)"
        " VALUES (7, 1, 1, 'Old ISA', 'inactive')"
    )
    assert portal.all("SELECT * FROM global_search_entities('old isa')") == [
        ("client_product", 7, "Old ISA", "Product: Old ISA - Client: G - Provider: P (LAPSED)", 100)
    ]


VALUATION = (
    "SELECT portfolio_id, portfolio_name, total_valuation, valuation_date::text, fund_count,"
    " fund_details::text FROM calculate_adhoc_portfolio_valuation(%s)"
)


def _comparable(row: tuple | None) -> tuple | None:
    """Details without their order, but with the order of their keys."""
    return row and (*row[:5], Counter(tuple(detail.items()) for detail in row[5]))


def test_valuation_of_every_portfolio(world: World) -> None:
    ids = [portfolio.id for portfolio in world.portfolios]
    compared = Counter()
    for portfolio_id in [*ids, max(ids) + 1, None]:
        rows = world.connection.execute(VALUATION, [portfolio_id]).fetchall()
        found = [(*row[:5], json.loads(row[5], parse_float=Decimal, parse_int=Decimal)) for row in rows]
        expected = adhoc_valuation(world, portfolio_id)
        assert list(map(_comparable, found)) == ([] if expected is None else [_comparable(expected)])
        compared["none" if expected is None else "empty" if expected[4] is None else "held"] += 1
    assert compared["none"] > 2
    assert compared["held"] > 2


def test_valuation_without_holdings(portal_at: Any) -> None:
    """fund_count is null, not 0; the day is today; the list is an empty JSON array."""
    portal = portal_at("legacy")
    portal.run("INSERT INTO portfolios (id, portfolio_name) VALUES (5, 'Empty')")
    today = portal.one("SELECT current_date::text")
    assert portal.all(VALUATION, 5) == [(5, "Empty", 0, today, None, "[]")]
    assert (
        portal.one("SELECT pg_typeof(fund_details)::text FROM calculate_adhoc_portfolio_valuation(5)")
        == "json"
    )


def test_functions_write_nothing(portal_at: Any) -> None:
    portal = portal_at("legacy")
    legacy_rows.insert(portal.connection, legacy_rows.generate(14))
    portfolio_id = portal.one("SELECT min(id) FROM portfolios WHERE status = 'active'")
    with portal.connection.transaction():
        portal.run("SET TRANSACTION READ ONLY")
        assert portal.all("SELECT * FROM global_search_entities('a')")
        assert portal.all("SELECT * FROM calculate_adhoc_portfolio_valuation(%s)", portfolio_id)
