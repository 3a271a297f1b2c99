"""Which rows are a client group's: those that name it, its people, their numbers, and the links of its products."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ..audit.tracked import Tracked
from . import replay
from .moment import Cut
from .replay import Row

MEMBERS, OWNERS, PHONES, PRODUCTS, LINKS = (
    "client_group_product_owners", "product_owners", "product_owner_phones", "client_products", "product_owner_products",
)  # fmt: skip
_BY_COLUMN = sql.SQL("""
SELECT {key}::text FROM {table} AS t WHERE t.{column} = ANY ({values}::bigint[])
UNION
SELECT h.row_key::text FROM row_history AS h WHERE h.table_name = {name} AND h.row_key <> '{{}}' AND {cut}
  AND (CASE h.action WHEN 'update' THEN h.changes -> {label} ->> 0 WHEN 'insert' THEN NULL
       ELSE h.changes ->> {label} END)::bigint = ANY ({values}::bigint[])
""")
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

    def by(table: Tracked, column: str, values: list[int]) -> list[Row]:
        keys = connection.execute(
            _BY_COLUMN.format(
                key=table.row_key("t"), table=sql.Identifier(table.table), column=sql.Identifier(column),
                values=sql.Literal(values), name=sql.Literal(table.name), cut=cut.condition(), label=sql.Literal(column),
            )
        ).fetchall()  # fmt: skip
        return replay.rows(connection, table, [key for (key,) in keys], cut)

    for name, table in tables(recorded).items():
        if not table.group:
            continue
        found[name] = []
        for row in by(table, table.group, [client]):
            elsewhere = _elsewhere(row, table.group, client)
            if elsewhere:
                left.append((name, row.key, elsewhere))
            else:
                found[name].append(row)
    owners = _numbers(found.get(MEMBERS, []), "product_owner_id")
    shared = [
        row[0]
        for row in connection.execute(
            _SHARED.format(owners=sql.Literal(owners), client=sql.Literal(client))
        ).fetchall()
    ]
    own = [number for number in owners if number not in shared]
    if OWNERS in recorded:
        keys = [json.dumps({"id": number}) for number in own]
        found[OWNERS] = replay.rows(connection, recorded[OWNERS], keys, cut)
        for row in replay.rows(connection, recorded[OWNERS], [json.dumps({"id": n}) for n in shared], cut):
            if row.now != row.then:
                left.append((OWNERS, row.key, "belongs to another client group too"))
    if PHONES in recorded:
        found[PHONES] = by(recorded[PHONES], "product_owner_id", own)
    if LINKS in recorded:
        products = _numbers(found.get(PRODUCTS, []), "id") or [
            row[0] for row in connection.execute("SELECT id FROM client_products WHERE client_id = %s", (client,))
        ]
        found[LINKS] = by(recorded[LINKS], "product_id", products)
    return Scope(found, tuple(left))


def _elsewhere(row: Row, column: str, client: int) -> str:
    if row.now is not None and row.now[column] != client:
        return f"is client group {row.now[column]}'s now"
    if row.then is not None and row.then[column] != client:
        return f"was client group {row.then[column]}'s then"
    return ""


def _numbers(rows: list[Row], column: str) -> list[int]:
    values = {doc[column] for row in rows for doc in (row.now, row.then) if doc is not None}
    return sorted(value for value in values if value is not None)
