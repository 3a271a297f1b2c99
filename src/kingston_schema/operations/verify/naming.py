"""Which rows differ: sums of buckets of keys tell which buckets to read, and only those are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from .shape import Table
from .sums import Part, outside, seed

BUCKETS = 1024
SHOWN = 3  # keys that are named


def differing(
    before: psycopg.Connection[Any],
    after: psycopg.Connection[Any],
    tables: tuple[Table, Table],
    column: str,
    parts: tuple[Part, Part],
) -> tuple[str, ...]:
    """Up to three keys of rows outside ``parts`` whose value of ``column`` ("": that are there at all) differs."""
    one = _buckets(before, tables[0], column, parts[0])
    two = _buckets(after, tables[1], column, parts[1])
    wrong = sorted(b for b in one.keys() | two.keys() if one.get(b) != two.get(b))[:SHOWN]
    was = _bucket(before, tables[0], column, parts[0], wrong)
    now = _bucket(after, tables[1], column, parts[1], wrong)
    keys = [
        key for key in was.keys() | now.keys() if key not in was or key not in now or was[key] != now[key]
    ]
    return tuple(sorted(keys, key=lambda key: (len(key), key))[:SHOWN])


def _buckets(
    connection: psycopg.Connection[Any], table: Table, column: str, part: Part
) -> dict[int, tuple[Any, ...]]:
    condition, parameters = outside(table, part)
    rows = connection.execute(
        sql.SQL("SELECT abs(mod({0}, {1})), sum({2}), count(*) FROM {3} AS t WHERE {4} GROUP BY 1").format(
            seed(table), BUCKETS, _value(table, column), sql.Identifier(table.name), condition
        ),
        parameters,
    )
    return {row[0]: row[1:] for row in rows}


def _bucket(
    connection: psycopg.Connection[Any], table: Table, column: str, part: Part, buckets: Sequence[int]
) -> dict[str, Any]:
    condition, parameters = outside(table, part)
    rows = connection.execute(
        sql.SQL("SELECT {}, {} FROM {} AS t WHERE {} AND abs(mod({}, {})) = ANY (%s)").format(
            table.key_text(),
            _value(table, column),
            sql.Identifier(table.name),
            condition,
            seed(table),
            BUCKETS,
        ),
        [*parameters, list(buckets)],
    )
    return dict(rows.fetchall())


def _value(table: Table, column: str) -> sql.Composable:
    if not column:
        return seed(table)
    return sql.SQL("hashtextextended(t.{}::text, {})").format(sql.Identifier(column), seed(table))
