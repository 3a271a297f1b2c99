"""One hash per column: the sum, over all rows, of the 64-bit hash of the value as text, seeded by the row's key.

Sums do not depend on the order of rows, are computed by the server (in parallel, where it has processors), and can be
subtracted: what some rows add to them is read by key and taken off, so that the rest need not be read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...catalog.contents import PRINTING
from .shape import Shape, Table

JOBS = 2


@dataclass(frozen=True)
class Sums:
    """Rows, the sum over their keys, and per column (sum, values that are not NULL)."""

    rows: int
    keys: int
    columns: Mapping[str, tuple[int, int]]

    def __sub__(self, other: Sums) -> Sums:
        return Sums(
            self.rows - other.rows,
            self.keys - other.keys,
            {
                name: (total - other.columns[name][0], filled - other.columns[name][1])
                for name, (total, filled) in self.columns.items()
            },
        )


@dataclass(frozen=True)
class Part:
    """Which rows of a table: (column or "" for the key, values as text) picks; ``upto``: the largest key that counts."""

    picks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    upto: str | None = None


def connect(url: str, schema: str) -> psycopg.Connection[Any]:
    """A connection on which every value is printed the same way."""
    connection = db.connect(url, schema)
    for name, value in PRINTING.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    return connection


@contextmanager
def threads(number: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that nobody waits for when the block is left by an error: the database they read is dropped then."""
    pool = ThreadPoolExecutor(number)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def everything(url: str, schema: str, shape: Shape, upto: Mapping[str, str]) -> dict[str, Sums]:
    """The sums of every table; of those in ``upto`` only rows with a key up to that."""
    with connect(url, schema) as connection:
        sizes = connection.execute(
            "SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = to_regnamespace(quote_ident(%s))"
            " AND c.relkind = 'r' ORDER BY pg_relation_size(c.oid) DESC",
            (schema,),
        )
        names = [name for (name,) in sizes if name in shape]
    with threads(JOBS) as pool:
        shares = [names[number::JOBS] for number in range(JOBS)]
        found = list(pool.map(lambda share: _share(url, schema, shape, share, upto), shares))
    return {name: sums for part in found for name, sums in part.items()}


def _share(
    url: str, schema: str, shape: Shape, names: Iterable[str], upto: Mapping[str, str]
) -> dict[str, Sums]:
    with connect(url, schema) as connection:
        return {name: total(connection, shape[name], Part(upto=upto.get(name))) for name in names}


def total(connection: psycopg.Connection[Any], table: Table, part: Part) -> Sums:
    """The sums of the rows that ``part`` picks (all, when it picks nothing), up to its largest key."""
    hashed = seed(table)
    values = [
        sql.SQL("sum(hashtextextended(t.{0}::text, {1})), count(t.{0})").format(sql.Identifier(name), hashed)
        for name in table.columns
    ]
    condition, parameters = _where(table, part)
    statement = sql.SQL("SELECT count(*), sum({}), {} FROM {} AS t WHERE {}").format(
        hashed, sql.SQL(", ").join(values), sql.Identifier(table.name), condition
    )
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None
    numbers = [int(number or 0) for number in row]
    pairs = zip(numbers[2::2], numbers[3::2], strict=True)
    return Sums(numbers[0], numbers[1], dict(zip(table.columns, pairs, strict=True)))


def seed(table: Table) -> sql.Composable:
    """The hash of the key of row ``t``."""
    if table.numbered:
        return sql.SQL("hashint8extended(t.{}, 0)").format(sql.Identifier(table.key[0]))
    return sql.SQL("hashtextextended({}, 0)").format(table.key_text())


def _where(table: Table, part: Part) -> tuple[sql.Composable, list[Any]]:
    conditions, parameters = _picked(table, part)
    return _and(table, part, conditions, parameters)


def outside(table: Table, part: Part) -> tuple[sql.Composable, list[Any]]:
    """The rows that ``part`` does not pick, up to its largest key."""
    picked, parameters = _picked(table, part)
    none: list[sql.Composable] = [sql.SQL("coalesce(NOT ({}), true)").format(each) for each in picked]
    return _and(table, part, none, parameters)


def _picked(table: Table, part: Part) -> tuple[list[sql.Composable], list[Any]]:
    if not part.picks:
        return [], []
    either = sql.SQL(" OR ").join(table.among(column) for column, _ in part.picks)
    return [sql.SQL("({})").format(either)], [list(values) for _, values in part.picks]


def _and(
    table: Table, part: Part, conditions: list[sql.Composable], parameters: list[Any]
) -> tuple[sql.Composable, list[Any]]:
    if part.upto is not None:
        conditions = [*conditions, sql.SQL("t.{} <= %s::bigint").format(sql.Identifier(table.key[0]))]
        parameters = [*parameters, part.upto]
    return (sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")), parameters
