"""The 24 legacy views show what the legacy schema says: compared, row by row, with an independent
re-implementation in Python (``legacy_reference``) over random contents, and in their documented order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import psycopg
import pytest

import legacy_rows
from legacy_reference import VIEWS
from legacy_reference.world import World, active

EMPTY, LAPSED = "empty", "lapsed"
SEEDS = [1, 2, 3, 4, 5]


@pytest.fixture(scope="module", params=[EMPTY, LAPSED, *SEEDS], ids=lambda seed: f"contents-{seed}")
def world(server: Any, request: pytest.FixtureRequest) -> Iterator[World]:
    """A Phase 1 database with random contents, read in a transaction that stays open."""
    portal = server.templates.clone("legacy")
    try:
        if request.param == LAPSED:
            legacy_rows.insert(portal.connection, legacy_rows.generate(6))
            portal.run("UPDATE client_products SET status = 'inactive'")
        elif request.param != EMPTY:
            legacy_rows.insert(portal.connection, legacy_rows.generate(request.param, scale=2))
        with portal.connection.transaction():
            yield World(portal.connection)
    finally:
        server.templates.drop(portal)


def plain(value: Any) -> Any:
    """A value as both sides can have it: numbers are rounded to 9 decimals (means do not end)."""
    if isinstance(value, Decimal | Fraction | int) and not isinstance(value, bool):
        return round(Fraction(value) * 10**9)
    return value


def shown(world: World, view: str) -> list[tuple]:
    """The rows of a view, in the order in which it gives them."""
    return world.connection.execute(f"SELECT * FROM {view}").fetchall()


@pytest.mark.parametrize("view", VIEWS)
def test_view_shows_what_the_document_says(world: World, view: str) -> None:
    rows = shown(world, view)
    if view == "template_generation_weighted_risk":  # its list of names is in no particular order
        rows = [(*row[:-1], row[-1] and ", ".join(sorted(row[-1].split(", ")))) for row in rows]
    found = Counter(tuple(map(plain, row)) for row in rows)
    expected = Counter(tuple(map(plain, row)) for row in VIEWS[view](world))
    assert found == expected


class Order:
    """Sort keys for Python that mean what ORDER BY means."""

    def __init__(self, world: World, texts: list[str]) -> None:
        self.rank = {text: n for n, text in enumerate(world.sort(set(texts)))}

    def ascending(self, value: Any) -> tuple:
        """ASC: nulls last, text by the database's collation."""
        if value is None:
            return (1, 0)
        return (0, self.rank[value] if isinstance(value, str) else value)

    @staticmethod
    def descending(value: Any, nulls: str) -> tuple:
        """DESC with ``nulls`` first or last."""
        if value is None:
            return (0, 0) if nulls == "first" else (2, 0)
        return (1, -(value if isinstance(value, Decimal | int) else value.toordinal()))


# view: (column, direction) in the order of the ORDER BY
ORDERED = {
    "advisor_client_summary": [("active_client_count", "last"), ("advisor", "up")],
    "client_groups_summary": [("total_value", "last"), ("name", "up")],
    "fund_distribution_fast": [("amount", "last")],
    "fund_historical_irr": [("date", "first"), ("fund_id", "up")],
    "latest_portfolio_fund_irr_values": [("fund_id", "up")],
    "latest_portfolio_fund_valuations": [("portfolio_fund_id", "up")],
    "latest_portfolio_irr_values": [("portfolio_id", "up")],
    "latest_portfolio_valuations": [("portfolio_id", "up")],
    "portfolio_historical_irr": [("date", "first"), ("portfolio_id", "up")],
    "products_display_view": [("current_value", "last"), ("product_name", "up")],
    "provider_distribution_fast": [("amount", "last")],
    "provider_revenue_breakdown": [("total_value", "last")],
}


@pytest.mark.parametrize("view", ORDERED)
def test_view_gives_its_rows_in_order(world: World, view: str) -> None:
    cursor = world.connection.execute(f"SELECT * FROM {view}")
    at = {column.name: n for n, column in enumerate(cursor.description)}
    rows = cursor.fetchall()
    order = Order(world, [value for row in rows for value in row if isinstance(value, str)])

    def key(row: tuple) -> list[tuple]:
        return [
            order.ascending(row[at[column]]) if way == "up" else order.descending(row[at[column]], way)
            for column, way in ORDERED[view]
        ]

    assert rows == sorted(rows, key=key)


def test_exactly_these_views_are_ordered(portal_at: Any) -> None:
    portal = portal_at("legacy")
    ordered = [
        view for view in VIEWS if _outer_order(portal.one("SELECT pg_get_viewdef(%s::regclass)", view))
    ]
    assert sorted(ordered) == sorted(ORDERED)


def _outer_order(definition: str) -> bool:
    """Does the query end in an ORDER BY of its own (not one inside an aggregate)?"""
    return any(line.startswith("  ORDER BY") for line in definition.splitlines())


def test_the_contents_hold_what_is_awkward() -> None:
    """Without these cases an equality above would prove little; they are counted over all contents."""
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        rows = legacy_rows.generate(seed, scale=2)
        shared = Counter(row["portfolio_id"] for row in rows["client_products"] if row["portfolio_id"])
        links = [(row["product_id"], row["product_owner_id"]) for row in rows["product_owner_products"]]
        seen["shared portfolios"] += sum(n > 1 for n in shared.values())
        seen["products without portfolio"] += sum(r["portfolio_id"] is None for r in rows["client_products"])
        seen["repeated links"] += len(links) - len(set(links))
        seen["half-null links"] += sum(None in link for link in links)
        seen["products without links"] += len(
            {row["id"] for row in rows["client_products"]} - {product for product, _ in links}
        )
        seen["inactive owners"] += sum(row["status"] == "inactive" for row in rows["product_owners"])
        seen["null statuses"] += sum(row["status"] is None for row in rows["product_owners"])
        seen["empty known_as"] += sum(row["known_as"] == "" for row in rows["product_owners"])
        seen["values without a date"] += sum(
            row["valuation_date"] is None for row in rows["portfolio_valuations"]
        )
        seen["IRR of exactly 0.05"] += sum(r["irr_result"] == "0.0500" for r in rows["portfolio_irr_values"])
    assert [case for case, times in seen.items() if times < 2] == []


def test_every_contents_shows_rows_in_every_view(world: World, request: pytest.FixtureRequest) -> None:
    """A view that shows nothing would compare equal whatever it says."""
    if LAPSED in request.node.name:
        assert not any(active(product) for product in world.client_products)
    elif EMPTY in request.node.name:
        assert [view for view in VIEWS if shown(world, view)] == [
            "analytics_dashboard_summary",
            "company_irr_cache",
            "company_revenue_analytics",
        ]
    else:
        assert [view for view in VIEWS if not shown(world, view)] == []


@pytest.mark.parametrize("fee", ["", "n/a"])
@pytest.mark.parametrize(
    "column", ["fixed_fee_direct", "fixed_fee_facilitated", "percentage_fee_facilitated"]
)
def test_a_fee_that_is_no_number_fails_the_revenue_view(portal_at: Any, fee: str, column: str) -> None:
    portal = portal_at("legacy")
    portal.run(f"INSERT INTO client_products (status, {column}) VALUES ('inactive', %s)", fee)
    with pytest.raises(
        psycopg.errors.InvalidTextRepresentation, match="invalid input syntax for type numeric"
    ):
        portal.all("SELECT * FROM company_revenue_analytics")


def test_products_without_fees_earn_nothing(portal_at: Any) -> None:
    """Zero, not null; null is left for a company without products."""
    portal = portal_at("legacy")
    columns = (
        "total_fixed_direct_revenue, total_fixed_facilitated_revenue,"
        " total_percentage_facilitated_revenue, total_annual_revenue, total_fum"
    )
    assert portal.one(f"SELECT {columns} FROM company_revenue_analytics") == (None,) * 5
    portal.run("INSERT INTO client_products (status) VALUES ('active')")
    assert portal.one(f"SELECT {columns} FROM company_revenue_analytics") == (0,) * 5


def test_owner_names_are_never_null(portal_at: Any) -> None:
    """No owner: a single blank; an empty known_as wins; an inactive owner adds a blank that sorts first."""
    portal = portal_at("legacy")
    portal.run("INSERT INTO client_groups (id, name) VALUES (1, 'G')")
    portal.run("INSERT INTO client_products (id, client_id) VALUES (1, 1), (2, 1), (3, 1)")
    portal.run(
        "INSERT INTO product_owners (id, status, firstname, surname, known_as) VALUES"
        " (1, 'active', 'Ann', NULL, NULL), (2, 'active', 'Ben', 'Brown', ''), (3, 'inactive', 'C', 'C', 'C')"
    )
    portal.run(
        "INSERT INTO product_owner_products (product_id, product_owner_id)"
        " VALUES (1, 1), (1, 3), (2, 2), (2, 2)"
    )
    expected = [(1, " , Ann ", 2), (2, "", 1), (3, " ", 0)]
    for view, names in (("products_list_view", "owners"), ("products_display_view", "product_owners")):
        assert portal.all(f"SELECT id, {names}, owner_count FROM {view} ORDER BY id") == expected
