"""A client group and what hangs on it, for tests of the Phase 2 tables; and what a refusal looks like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest


@dataclass(frozen=True)
class Household:
    """Ids of one client group, its owners, and those who work for it."""

    group: int
    profile: int
    provider: int
    owners: tuple[int, int]


def household(portal: Any) -> Household:
    """A client group with two people, an adviser and a provider."""
    group = portal.one("INSERT INTO client_groups (name) VALUES ('Ann and Ben') RETURNING id")
    owners = portal.all("INSERT INTO product_owners (firstname) VALUES ('Ann'), ('Ben') RETURNING id")
    portal.run(
        "INSERT INTO client_group_product_owners (client_group_id, product_owner_id)"
        " SELECT %s, unnest(%s::bigint[])",
        group,
        owners,
    )
    return Household(
        group,
        portal.one("INSERT INTO profiles (email) VALUES ('adviser@example.org') RETURNING id"),
        portal.one("INSERT INTO available_providers (name) VALUES ('Acme Life') RETURNING id"),
        (owners[0], owners[1]),
    )


def insert(portal: Any, table: str, **values: Any) -> Any:
    """Insert one row; dictionaries become JSON.  Returns its id (the row for a table without one)."""
    columns = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    given = [json.dumps(v) if isinstance(v, dict | list) else v for v in values.values()]
    key = "product_type" if table == "product_type_liquidity" else "id"
    return portal.one(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}", *given)


def item(portal: Any, home: Household, item_type: str, data: Any, category: str = "General") -> int:
    """An information item."""
    return insert(
        portal,
        "client_information_items",
        client_group_id=home.group,
        item_type=item_type,
        item_category=category,
        data_content=data,
        last_edited_by=home.profile,
    )


def asset(portal: Any, home: Household, category: str = "Savings", **data: Any) -> int:
    """An assets_liabilities item of the first owner."""
    owners = {"association_type": "individual", str(home.owners[0]): 100}
    return item(portal, home, "assets_liabilities", {**data, "associated_product_owners": owners}, category)


def unmanaged(portal: Any, home: Household, **values: Any) -> int:
    """An unmanaged product; whatever is not given is ordinary."""
    given = {"product_name": "Rainy day", "product_type": "Cash_ISAs", **values}
    return insert(
        portal,
        "client_unmanaged_products",
        client_group_id=home.group,
        last_edited_by=home.profile,
        **given,
    )


def managed(portal: Any, home: Household, value: Any = None, **values: Any) -> int:
    """A managed product; with ``value`` it gets a portfolio of its own with that valuation."""
    if value is not None:
        values["portfolio_id"] = portfolio(portal, value)
    return insert(portal, "client_products", client_id=home.group, **{"product_type": "ISA", **values})


def portfolio(portal: Any, value: Any, date: str = "2026-10-31") -> int:
    """A portfolio with one valuation."""
    number = portal.one("INSERT INTO portfolios (portfolio_name) VALUES ('P') RETURNING id")
    portal.run(
        "INSERT INTO portfolio_valuations (portfolio_id, valuation, valuation_date) VALUES (%s, %s, %s)",
        number,
        value,
        date,
    )
    return number


@contextmanager
def refused(rule: str | None, sqlstate: str = "23514") -> Iterator[pytest.ExceptionInfo[psycopg.Error]]:
    """The block must be refused by the rule of that name."""
    with pytest.raises(psycopg.Error) as caught:
        yield caught
    assert (caught.value.sqlstate, caught.value.diag.constraint_name) == (sqlstate, rule), caught.value
