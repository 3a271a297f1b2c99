"""Single rows as text: by key, by the transactions that wrote them, by what they refer to; and what is in quarantine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from .shape import Shape, Table

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class Kept:
    """One entry of the quarantine: the values that are kept, and why."""

    row: Row
    reason: str


def by_key(connection: psycopg.Connection[Any], table: Table, keys: Collection[str]) -> dict[str, Row]:
    """The rows with these keys."""
    return _rows(connection, table, table.among(), [list(keys)]) if keys else {}


def where(
    connection: psycopg.Connection[Any], table: Table, column: str, values: Collection[str]
) -> dict[str, Row]:
    """The rows with one of ``values`` in ``column``."""
    return _rows(connection, table, table.among(column), [list(values)])


def written_by(
    connection: psycopg.Connection[Any], shape: Shape, transactions: Collection[str]
) -> dict[str, dict[str, Row]]:
    """Table → every row that one of these transactions inserted or updated, triggers included."""
    condition = sql.SQL("t.xmin::text = ANY (%s)")
    found = {name: _rows(connection, table, condition, [list(transactions)]) for name, table in shape.items()}
    return {name: rows for name, rows in found.items() if rows}


def _rows(
    connection: psycopg.Connection[Any], table: Table, condition: sql.Composable, parameters: list[Any]
) -> dict[str, Row]:
    names = sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(c)) for c in table.columns)
    found = connection.execute(
        sql.SQL("SELECT {}, {} FROM {} AS t WHERE {}").format(
            table.key_text(), names, sql.Identifier(table.name), condition
        ),
        parameters,
    )
    return {row[0]: dict(zip(table.columns, row[1:], strict=True)) for row in found}


def kept_since(
    connection: psycopg.Connection[Any], names: Schemas, shape: Shape, moment: Any
) -> dict[str, dict[str, list[Kept]]]:
    """Table → key → what went to quarantine since ``moment`` (database time)."""
    found: dict[str, dict[str, list[Kept]]] = defaultdict(lambda: defaultdict(list))
    archives = connection.execute(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind = 'r' GROUP BY c.relname",
        (names.archive,),
    ).fetchall()
    for archive, columns in archives:
        first, _, second = archive.partition("__")
        name = second if first == "quarantine" else first
        reason = "quarantine_reason" if first == "quarantine" else "reason"
        if name not in shape or not {reason, "quarantined_at"} <= set(columns):
            continue
        held = [c for c in columns if c in shape[name].columns]
        key = shape[name].key_text() if set(shape[name].key) <= set(held) else sql.SQL("''")
        rows = connection.execute(
            sql.SQL("SELECT {}, t.{}, {} FROM {} AS t WHERE t.quarantined_at >= %s").format(
                key,
                sql.Identifier(reason),
                sql.SQL(", ").join(sql.SQL("t.{}::text").format(sql.Identifier(c)) for c in held),
                sql.Identifier(names.archive, archive),
            ),
            (moment,),
        )
        for row in rows:
            found[name][row[0]].append(Kept(dict(zip(held, row[2:], strict=True)), row[1] or ""))
    return found
