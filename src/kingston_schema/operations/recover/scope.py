"""Which rows are a client group's: those that name it, its people, their numbers, and the links of its products."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ..audit.tracked import Tracked
from . import replay, search
from .moment import Cut
from .replay import Row

GROUPS, MEMBERS, OWNERS, PHONES, PRODUCTS, LINKS = (
    "client_groups", "client_group_product_owners", "product_owners", "product_owner_phones", "client_products",
    "product_owner_products",
)  # fmt: skip
_SHARED = sql.SQL("""
SELECT DISTINCT o.id FROM unnest({owners}::bigint[]) AS o (id)
WHERE EXISTS (SELECT 1 FROM client_group_product_owners AS m WHERE m.product_owner_id = o.id AND m.client_group_id <> {client})
   OR EXISTS (SELECT 1 FROM product_owner_products AS l JOIN client_products AS p ON p.id = l.product_id
              WHERE l.product_owner_id = o.id AND p.client_id <> {client})
""")


@dataclass(frozen=True)
class Scope:
    """{logical table name: rows}, and what was left out: (table, key, why)."""

    rows: dict[str, list[Row]]
    left: tuple[tuple[str, str, str], ...]


def tables(recorded: dict[str, Tracked]) -> dict[str, Tracked]:
    """The recorded tables that hold rows of client groups."""
    return {name: t for name, t in recorded.items() if t.group or name in (OWNERS, PHONES, LINKS)}


def read(connection: psycopg.Connection[Any], recorded: dict[str, Tracked], client: int, cut: Cut) -> Scope:
    """Every row that is, or was at the cut, the client group's and nobody else's."""
    found: dict[str, list[Row]] = {}
    left: list[tuple[str, str, str]] = []

    def take(name: str, rows: list[Row], why: Any) -> None:
        """Rows that somebody else has now, or had then, stay; they are named where they were changed."""
        found[name] = []
        for row in rows:
            elsewhere = why(row)
            if not elsewhere:
                found[name].append(row)
            elif row.now != row.then:
                left.append((name, row.key, elsewhere))

    for name, table in tables(recorded).items():
        if table.group:
            rows = search.rows(connection, table, table.group, [client], cut)
            take(name, rows, lambda row, column=table.group: _elsewhere(row, column, [client], "client group"))
    owners = _numbers(found.get(MEMBERS, []), "product_owner_id")
    shared = [
        row[0]
        for row in connection.execute(
            _SHARED.format(owners=sql.Literal(owners), client=sql.Literal(client))
        ).fetchall()
    ]
    own = [number for number in owners if number not in shared]
    if OWNERS in recorded:
        people = replay.rows(connection, recorded[OWNERS], [json.dumps({"id": n}) for n in owners], cut)
        why = "belongs to another client group too"
        take(OWNERS, people, lambda row: why if json.loads(row.key)["id"] in shared else "")
    if PHONES in recorded:
        numbers = search.rows(connection, recorded[PHONES], "product_owner_id", own, cut)
        take(PHONES, numbers, lambda row: _elsewhere(row, "product_owner_id", own, "product owner"))
    if LINKS in recorded:
        products = _products(connection, found.get(PRODUCTS), client)
        links = search.rows(connection, recorded[LINKS], "product_id", products, cut)
        take(LINKS, links, lambda row: _elsewhere(row, "product_id", products, "product"))
    return Scope(found, tuple(left))


def _products(connection: psycopg.Connection[Any], rows: list[Row] | None, client: int) -> list[int]:
    """Its products; from the table alone where products have no history yet."""
    if rows is not None:
        return _numbers(rows, "id")
    return [row[0] for row in connection.execute("SELECT id FROM client_products WHERE client_id = %s", (client,))]


def _elsewhere(row: Row, column: str, ours: list[int], what: str) -> str:
    if row.now is not None and row.now[column] not in ours:
        return f"is {what} {row.now[column]}'s now"
    if row.then is not None and row.then[column] not in ours:
        return f"was {what} {row.then[column]}'s then"
    return ""


def _numbers(rows: list[Row], column: str) -> list[int]:
    values = {doc[column] for row in rows for doc in (row.now, row.then) if doc is not None}
    return sorted(value for value in values if value is not None)
