"""Small random contents for the 22 Phase 1 tables, as awkward as production's.

Nulls, empty and repeated names, statuses in odd spellings, shared portfolios, products without portfolio,
repeated and half-null links, values without a date.  ``generate(seed)`` is deterministic; ``insert`` writes
what it made into a database at any revision and leaves the sequences behind the highest id.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

Row = dict[str, Any]
Rows = dict[str, list[Row]]

TEXTS = ["Ann", "ann", "Ben", "Zoë", "Élan", "O'Hara", "A & Sons", "50%_a\\b", "annual plan", "", " ", None]
FUNDS = ["Cash", "cash plus", "World Tracker", "Gilts", "Élan Bond", "a_b%c", "", None]
STATUSES = ["active"] * 8 + ["inactive", "inactive", "dormant", "Active", "", None]
ACTIVITIES = [
    "Investment", "RegularInvestment", "Withdrawal", "TaxUplift", "FundSwitchIn", "FundSwitchOut",
    "ProductSwitchIn", "ProductSwitchOut", "investment", "Fee", None,
]  # fmt: skip
FEES = [None, None, "0", "1200", "0.75", "-5", " 12.5 ", "1e2"]
IRRS = ["0.0500", "0.0501", "0.0000", "-0.0123", "7.2500", "0.0001", "-12.5000", None]
START = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


class Maker:
    """Draws values; ``rows`` is what was made so far, so that references can point to it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.rows: Rows = {}
        self._stamps = list(range(100_000))
        self.random.shuffle(self._stamps)

    def stamp(self) -> dt.datetime:
        """A time that no other row has: the latest row of a day is then never a matter of chance."""
        return START + dt.timedelta(minutes=self._stamps.pop())

    def day(self) -> dt.date | None:
        """One of a few days, or none."""
        return self.random.choice([None, *(dt.date(2025, 1, n) for n in range(1, 6))])

    def money(self) -> Decimal | None:
        """An amount in pounds; often 0 or none, now and then below 0."""
        amount = Decimal(self.random.randrange(1, 10_000_000)) / 100
        return self.random.choice([None, None, Decimal(0), *[amount] * 6, -amount])

    def weight(self) -> Decimal | None:
        """A weight in per cent; often 0 or none."""
        return self.random.choice([None, Decimal(0), Decimal(self.random.randrange(1, 10_000)) / 100])

    def ref(self, table: str) -> int | None:
        """The id of a row of ``table``, rarely null."""
        ids = [row["id"] for row in self.rows[table]]
        return self.random.choice(ids) if ids and self.random.random() > 0.08 else None

    def one(self, values: list[Any]) -> Any:
        """One of ``values``."""
        return self.random.choice(values)


def _profile(m: Maker) -> Row:
    return {"created_at": m.stamp(), "first_name": m.one(TEXTS), "email": m.one(TEXTS)}


def _client_group(m: Maker) -> Row:
    return {
        "advisor": m.one(["Ann Adviser", "Ben Adviser", "", None]),
        "status": m.one(STATUSES),
        "created_at": m.stamp(),
        "name": m.one(TEXTS),
        "type": m.one(["Family", "Business", "Trust", None]),
        "advisor_id": m.ref("profiles"),
    }


def _product_owner(m: Maker) -> Row:
    return {
        "created_at": m.stamp(),
        "status": m.one(STATUSES),
        "firstname": m.one(TEXTS),
        "surname": m.one(TEXTS),
        "known_as": m.one([None, None, None, *TEXTS[:6], ""]),
    }


def _fund(m: Maker) -> Row:
    return {
        "fund_name": m.one(FUNDS),
        "isin_number": m.one(["N/A", "GB00A", "GB00ANN", "gb00a", None]),
        "risk_factor": m.one([1, 2, 3, 5, 7, None]),
        "fund_cost": m.weight(),
        "status": m.one(STATUSES),
        "created_at": m.stamp(),
    }


def _generation(m: Maker) -> Row:
    return {
        "available_portfolio_id": m.ref("available_portfolios"),
        "version_number": m.one([1, 2, None]),
        "generation_name": m.one(TEXTS),
        "description": m.one(TEXTS),
        "status": m.one([*STATUSES, "draft", "archived"]),
        "created_at": m.stamp(),
        "updated_at": m.stamp(),
    }


def _client_product(m: Maker) -> Row:
    twins = [row for row in m.rows["client_products"] if row["portfolio_id"]]
    if twins and m.random.random() < 0.2:  # the same product of the same client once more
        twin = {column: value for column, value in m.one(twins).items() if column != "id"}
        return {**twin, "created_at": m.stamp(), "status": m.one(STATUSES)}
    return {
        "client_id": m.ref("client_groups"),
        "product_name": m.one(TEXTS),
        "product_type": m.one(["ISA", "GIA", "Pension", "Ann's type", None]),
        "status": m.one(STATUSES),
        "start_date": m.day(),
        "end_date": m.day(),
        "provider_id": m.ref("available_providers"),
        "portfolio_id": m.ref("portfolios"),
        "plan_number": m.one(["P-1", "P-2 ann", "", None]),
        "created_at": m.stamp(),
        "notes": m.one(TEXTS),
        "template_generation_id": m.ref("template_portfolio_generations"),
        "fixed_fee_direct": m.one(FEES),
        "fixed_fee_facilitated": m.one(FEES),
        "percentage_fee_facilitated": m.one(FEES),
    }


def _holding(m: Maker) -> Row:
    return {
        "portfolio_id": m.ref("portfolios"),
        "available_funds_id": m.ref("available_funds"),
        "target_weighting": m.weight(),
        "amount_invested": m.money(),
        "start_date": m.day(),
        "end_date": m.day(),
        "status": m.one(STATUSES),
        "created_at": m.stamp(),
    }


def _history(key: str, table: str, date: str, value: str, extra: str | None = None) -> Callable[[Maker], Row]:
    def make(m: Maker) -> Row:
        drawn: Any = m.money() if value == "valuation" else m.one(IRRS)
        row = {key: m.ref(table), date: m.day(), value: drawn, "created_at": m.stamp()}
        return row if extra is None else {**row, extra: m.one([None, 1, 2])}

    return make


def _activity(m: Maker) -> Row:
    return {
        "product_id": m.ref("client_products"),
        "portfolio_fund_id": m.ref("portfolio_funds"),
        "activity_type": m.one(ACTIVITIES),
        "amount": m.money(),
        "activity_timestamp": m.stamp(),
        "created_at": m.stamp(),
    }


def _switch(m: Maker) -> Row:
    return {
        "client_product_id": m.ref("client_products"),
        "previous_provider_id": m.ref("available_providers"),
        "new_provider_id": m.ref("available_providers"),
        "switch_date": m.stamp(),
        "created_at": m.stamp(),
        "description": m.one(TEXTS),
    }


def _link(**references: str) -> Callable[[Maker], Row]:
    return lambda m: {**{c: m.ref(t) for c, t in references.items()}, "created_at": m.stamp()}


# Rows per table at scale 1, in an order that satisfies the foreign keys.
_TABLES: dict[str, tuple[int, Callable[[Maker], Row]]] = {
    "profiles": (4, _profile),
    "available_providers": (
        5,
        lambda m: {
            "name": m.one(TEXTS),
            "status": m.one([s for s in STATUSES if s is not None]),
            "created_at": m.stamp(),
            "theme_color": m.one(["#111111", "#222222", None]),
        },
    ),
    "client_groups": (8, _client_group),
    "product_owners": (10, _product_owner),
    "available_funds": (7, _fund),
    "available_portfolios": (3, lambda m: {"created_at": m.stamp(), "name": m.one(TEXTS)}),
    "client_group_product_owners": (
        14, _link(client_group_id="client_groups", product_owner_id="product_owners")
    ),
    "template_portfolio_generations": (6, _generation),
    "available_portfolio_funds": (
        14,
        lambda m: {
            "template_portfolio_generation_id": m.ref("template_portfolio_generations"),
            "fund_id": m.ref("available_funds"),
            "target_weighting": m.weight(),
            "created_at": m.stamp(),
        },
    ),
    "portfolios": (
        9,
        lambda m: {
            "portfolio_name": m.one(TEXTS),
            "status": m.one(STATUSES),
            "start_date": m.day(),
            "end_date": m.day(),
            "template_generation_id": m.ref("template_portfolio_generations"),
            "created_at": m.stamp(),
        },
    ),
    "client_products": (16, _client_product),
    "product_owner_products": (20, _link(product_owner_id="product_owners", product_id="client_products")),
    "portfolio_funds": (26, _holding),
    "portfolio_fund_valuations": (
        40, _history("portfolio_fund_id", "portfolio_funds", "valuation_date", "valuation")
    ),
    "portfolio_valuations": (14, _history("portfolio_id", "portfolios", "valuation_date", "valuation")),
    "portfolio_fund_irr_values": (
        40, _history("fund_id", "portfolio_funds", "date", "irr_result", "fund_valuation_id")
    ),
    "portfolio_irr_values": (
        22, _history("portfolio_id", "portfolios", "date", "irr_result", "portfolio_valuation_id")
    ),
    "holding_activity_log": (50, _activity),
    "provider_switch_log": (5, _switch),
}  # fmt: skip


def generate(seed: int, scale: int = 1) -> Rows:
    """Rows for every table; ``scale`` multiplies their number."""
    m = Maker(seed)
    for table, (count, make) in _TABLES.items():
        # Ids do not follow the order of insertion, so no test can lean on it.
        ids = m.random.sample(range(1, count * scale * 10), count * scale)
        m.rows[table] = []
        for number in ids:
            m.rows[table].append({"id": number, **make(m)})
    users = m.random.sample([row["id"] for row in m.rows["profiles"]], 3)
    m.rows["authentication"] = [
        {"auth_id": n + 1, "created_at": m.stamp(), "profiles_id": user, "password_hash": "x"}
        for n, user in enumerate(users)
    ]
    m.rows["session"] = [
        {"session_id": f"session-{n}", "profiles_id": user, "expires_at": m.stamp(), "created_at": None}
        for n, user in enumerate([*users, None])
    ]
    m.rows["user_page_presence"] = [
        {"id": n + 1, "user_id": user, "page_identifier": "clients", "user_info": Jsonb({"n": n})}
        for n, user in enumerate(users)
    ]
    return m.rows


def insert(connection: psycopg.Connection, rows: Rows) -> None:
    """Write generated rows and move every sequence behind the highest id."""
    with connection.transaction(), connection.cursor() as cursor:
        for table, contents in rows.items():
            columns = list(contents[0])
            cursor.executemany(
                sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                    sql.Identifier(table),
                    sql.SQL(", ").join(map(sql.Identifier, columns)),
                    sql.SQL(", ").join(map(sql.Placeholder, columns)),
                ),
                contents,
            )
            if isinstance(highest := max(row[columns[0]] for row in contents), int):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, columns[0], highest]
                )
