"""How a table of the archive is built: its key, its own columns, the values it keeps, the live table it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from .items import Item

# Ours beside the values: when, why, by which run, of which columns only.
OURS = ("quarantined_at", "quarantine_reason", "quarantine_run", "quarantine_columns", "reason")


@dataclass(frozen=True)
class Shape:
    """A table of the archive.

    ``key``: the primary key of the table it belongs to; ``values``: everything but our own columns; ``shared``: the
    values that the portal's table has a column for now, of the same type; ``homeless``: those it has none for.
    ``present``: whether the portal has the table at all.
    """

    item: Item
    table: sql.Identifier
    portal: sql.Identifier
    key: tuple[str, ...]
    values: tuple[str, ...]
    shared: tuple[str, ...]
    homeless: tuple[str, ...]
    ours: tuple[str, ...]
    present: bool

    def key_text(self, alias: str) -> sql.Composable:
        """The key of a row as one text: ``7``, or ``7,phone_1`` where it has two columns; NULL without a key."""
        if not self.key:
            return sql.SQL("NULL::text")
        parts = [sql.SQL("{}::text").format(sql.Identifier(alias, column)) for column in self.key]
        return sql.SQL("concat_ws(',', {})").format(sql.SQL(", ").join(parts))

    def same_row(self, left: str, right: str) -> sql.Composable:
        """The condition that two aliases speak of the same row."""
        pairs = [
            sql.SQL("{} = {}").format(sql.Identifier(left, column), sql.Identifier(right, column))
            for column in self.key
        ]
        return sql.SQL(" AND ").join(pairs)


def read(connection: psycopg.Connection[Any], names: Schemas, item: Item) -> Shape:
    """Look the table of ``item`` up in the catalogue."""
    columns = _columns(connection, names.archive, item.name)
    live = _columns(connection, names.application, item.table)
    ours = (
        tuple(column for column in columns if column in OURS)
        if item.kind in ("quarantine", "columns")
        else ()
    )
    key = (
        _key(connection, names.application, item.table)
        or _key(connection, names.archive, item.table)
        or _key(connection, names.archive, item.name)
    )
    values = tuple(column for column in columns if column not in ours)
    shared = tuple(c for c in values if c in live and _fits(columns[c], live[c]))
    return Shape(
        item=item,
        table=sql.Identifier(names.archive, item.name),
        portal=sql.Identifier(names.application, item.table),
        key=key if set(key) <= set(columns) else (),
        values=values,
        shared=shared,
        homeless=tuple(c for c in values if c not in shared and not (c in live and live[c][2])),
        ours=ours,
        present=bool(live),
    )


def _fits(archived: tuple[int, int, bool], live: tuple[int, int, bool]) -> bool:
    """Whether every archived value can stand in the live column, which must not be a generated one."""
    return archived[0] == live[0] and live[1] in (-1, archived[1]) and not live[2]


def _columns(
    connection: psycopg.Connection[Any], schema: str, table: str
) -> dict[str, tuple[int, int, bool]]:
    """Name → type, its modifier, whether it is generated, in the order of the table."""
    rows = connection.execute(
        "SELECT a.attname, a.atttypid::bigint, a.atttypmod, a.attgenerated <> '' FROM pg_attribute AS a"
        " JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (schema, table),
    )
    return {row[0]: row[1:] for row in rows}


def _key(connection: psycopg.Connection[Any], schema: str, table: str) -> tuple[str, ...]:
    """The columns of the primary key; of an archive of values, those of its unique index."""
    rows = connection.execute(
        "SELECT a.attname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number"
        " WHERE n.nspname = %s AND c.relname = %s AND i.indisunique"
        " AND (i.indisprimary OR NOT EXISTS (SELECT 1 FROM pg_index AS p WHERE p.indrelid = c.oid AND p.indisprimary))"
        " ORDER BY k.place",
        (schema, table),
    )
    return tuple(row[0] for row in rows)
