"""``kingston audit show``: lines of the history of a client, a row, an actor or a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from ... import db
from ...errors import UsageError
from ...settings import schemas
from . import trail

# What belongs to a client group without naming it: its people, their numbers, and the links of its products.
_OF_CLIENT = """
h.client_group_id = %(client)s
OR h.table_name = 'product_owners' AND h.row_id IN (SELECT owner FROM owners)
OR h.table_name = 'product_owner_phones' AND h.row_id IN (
    SELECT p.id FROM product_owner_phones AS p WHERE p.product_owner_id IN (SELECT owner FROM owners)
    UNION SELECT d.row_id FROM row_history AS d WHERE d.table_name = 'product_owner_phones'
      AND d.action IN ('delete', 'truncate') AND (d.changes ->> 'product_owner_id')::bigint IN (SELECT owner FROM owners))
OR h.table_name = 'product_owner_products' AND h.row_id IN (
    SELECT l.id FROM product_owner_products AS l WHERE l.product_id IN (SELECT product FROM products)
    UNION SELECT d.row_id FROM row_history AS d WHERE d.table_name = 'product_owner_products'
      AND d.action IN ('delete', 'truncate') AND (d.changes ->> 'product_id')::bigint IN (SELECT product FROM products))
"""
_QUERY = """
WITH owners AS (
    SELECT m.product_owner_id AS owner FROM client_group_product_owners AS m WHERE m.client_group_id = %(client)s
    UNION SELECT (d.changes ->> 'product_owner_id')::bigint FROM row_history AS d
    WHERE d.table_name = 'client_group_product_owners' AND d.client_group_id = %(client)s
      AND d.action IN ('delete', 'truncate')
), products AS (
    SELECT p.id AS product FROM client_products AS p WHERE p.client_id = %(client)s
    UNION SELECT d.row_id FROM row_history AS d WHERE d.table_name = 'client_products' AND d.client_group_id = %(client)s
), found AS (
    SELECT h.id, h.occurred_at, h.actor, h.db_role, h.table_name, h.row_key, h.client_group_id, h.action, h.changes::text,
           h.reason, h.correlation_id, h.transaction_id
    FROM row_history AS h WHERE {conditions}
)
SELECT *, count(*) OVER () FROM found ORDER BY id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True)
class Line:
    """One line.  ``row``: key of the row (``7``; two columns: ``7,phone_1``; empty for a TRUNCATE as a whole)."""

    id: int
    at: datetime
    actor: str
    role: str
    table: str
    row: str
    client: int | None
    action: str
    changes: dict[str, Any] | None
    reason: str | None
    correlation: str | None
    transaction: int


@dataclass(frozen=True)
class Report:
    """The newest ``lines`` of those that match, oldest first."""

    matching: int
    lines: tuple[Line, ...]


def run(
    url: str, schema: str | None = None, *, client: int | None = None, row: str = "", actor: str = "",
    correlation: str = "", since: datetime | None = None, until: datetime | None = None, limit: int = 50,
) -> Report:  # fmt: skip
    """Read the lines that meet every condition given.

    Raises UsageError for a row that is not TABLE/KEY, RefusedError below phase_2_audit.
    """
    names = schemas(schema)
    conditions: list[str] = ["true"]
    values: dict[str, Any] = {"client": client, "limit": limit}
    if client is not None:
        conditions.append(f"({_OF_CLIENT})")
    if row:
        table, slash, key = row.partition("/")
        if not slash or not table or not key:
            raise UsageError(f'"{row}" names no row: TABLE/KEY is needed', fix="--row product_owners/7")
        conditions.append("h.table_name = %(table)s")
        conditions.append(
            "h.row_id = %(key)s::bigint" if key.isdigit() else
            "%(key)s = (SELECT string_agg(k.value, ',' ORDER BY k.key) FROM jsonb_each_text(h.row_key) AS k)"
        )  # fmt: skip
        values |= {"table": table, "key": key}
        if table == "client_group_secrets":  # its key is the client group, not a column id
            conditions[-1] = "h.client_group_id = %(key)s::bigint"
    for condition, name, given in (
        ("h.actor = %(actor)s", "actor", actor or None),
        ("h.correlation_id = %(correlation)s", "correlation", correlation or None),
        ("h.occurred_at >= %(since)s", "since", since),
        ("h.occurred_at < %(until)s", "until", until),
    ):
        if given is not None:
            conditions.append(condition)
            values[name] = given
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        trail.require(connection, names)
        query = _QUERY.format(conditions=" AND ".join(conditions))
        found = _fetch(connection, query, values)
    return Report(found[0][-1] if found else 0, tuple(_line(line) for line in reversed(found)))


def _fetch(connection: psycopg.Connection[Any], query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), values).fetchall()


def _line(found: tuple[Any, ...]) -> Line:
    number, at, actor, role, table, key, client, action, changes, reason, correlation, transaction, _ = found
    row = ",".join(str(key[name]) for name in sorted(key))
    # Numbers as they were written: 33.30 is no 33.3.
    changes = None if changes is None else json.loads(changes, parse_float=Decimal)
    return Line(
        number, at, actor, role, table, row, client, action, changes, reason, correlation, transaction
    )
