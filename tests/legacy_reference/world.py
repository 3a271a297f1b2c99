"""The contents of a Phase 1 database as Python objects, and the few relational steps the references need.

A *row set* is a list of dictionaries from short name to row; a left join without a match puts ``NOTHING``
there, a row whose every column is null.  Equality of a null with anything is false, as in SQL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from legacy_catalogue import EXPECTED

Table = list[Any]
RowSet = list[SimpleNamespace]


class _Nothing:
    def __getattr__(self, name: str) -> None:
        return None


NOTHING = _Nothing()


class World:
    """All rows of the tables, the time and day of the reading transaction, and the server's text order."""

    now: dt.datetime
    today: dt.date

    def __init__(self, connection: psycopg.Connection) -> None:
        """Read the Phase 1 columns of everything in the transaction that is open on ``connection``."""
        self.connection = connection
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            for table, expected in EXPECTED["tables"].items():
                columns = ", ".join(column["name"] for column in expected["columns"])
                setattr(self, table, cursor.execute(f"SELECT {columns} FROM {table}").fetchall())
            clock = cursor.execute("SELECT now() AS now, current_date AS today").fetchone()
        self.now, self.today = clock.now, clock.today
        self._lower: dict[str, str] = {}

    def __getattr__(self, table: str) -> Table:
        raise AttributeError(f"the database has no table {table}")

    def sort(self, texts: Iterable[str]) -> list[str]:
        """Texts in the order of the database's collation, which Python does not know."""
        found = self.connection.execute(
            "SELECT t.one FROM unnest(%s::text[]) AS t(one) ORDER BY t.one", [list(texts)]
        )
        return [row[0] for row in found]

    def lower(self, text: str) -> str:
        """Lower case as the database sees it."""
        if text not in self._lower:
            self._lower[text] = self.connection.execute("SELECT lower(%s::text)", [text]).fetchone()[0]
        return self._lower[text]

    def listing(self, values: Iterable[str | None]) -> str | None:
        """list(e) of the legacy schema: distinct, sorted, joined; None without values."""
        present = {value for value in values if value is not None}
        return ", ".join(self.sort(present)) if present else None


def base(name: str, table: Table) -> RowSet:
    """A row set of one table."""
    return [SimpleNamespace(**{name: row}) for row in table]


def inner(rows: RowSet, name: str, table: Table, on: Callable[[Any, Any], bool]) -> RowSet:
    """Inner join; ``on`` gets the row so far and the candidate."""
    return [
        SimpleNamespace(**vars(row), **{name: candidate})
        for row in rows
        for candidate in table
        if on(row, candidate)
    ]


def left(rows: RowSet, name: str, table: Table, on: Callable[[Any, Any], bool]) -> RowSet:
    """Left join: a row without a match is kept once."""
    joined = []
    for row in rows:
        matches = [candidate for candidate in table if on(row, candidate)] or [NOTHING]
        joined += [SimpleNamespace(**vars(row), **{name: candidate}) for candidate in matches]
    return joined


def groups(rows: RowSet, key: Callable[[Any], Any]) -> list[tuple[Any, RowSet]]:
    """Rows by key; nulls are equal to each other here, as in GROUP BY."""
    found: dict[Any, RowSet] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return list(found.items())


def same(a: Any, b: Any) -> bool:
    """SQL's ``a = b`` as a condition."""
    return a is not None and a == b


def active(row: Any) -> bool:
    """active(x) of the legacy schema."""
    return row.status == "active"


def total(values: Iterable[Any]) -> Any:
    """Sum of what is not null; None when nothing is left."""
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def mean(values: Iterable[Any]) -> Fraction | None:
    """Exact mean of what is not null; None when nothing is left."""
    present = [Fraction(value) for value in values if value is not None]
    return sum(present) / len(present) if present else None


def most(values: Iterable[Any]) -> Any:
    """Maximum of what is not null."""
    return max((value for value in values if value is not None), default=None)


def least(values: Iterable[Any]) -> Any:
    """Minimum of what is not null."""
    return min((value for value in values if value is not None), default=None)


def count(values: Iterable[Any]) -> int:
    """How many are not null."""
    return sum(value is not None for value in values)


def distinct(values: Iterable[Any]) -> int:
    """How many different ones are not null."""
    return len({value for value in values if value is not None})


def first(*values: Any) -> Any:
    """The first that is not null."""
    return next((value for value in values if value is not None), None)


def owner_name(owner: Any) -> str:
    """owner-name(o) of the legacy schema; never null."""
    return first(owner.known_as, f"{owner.firstname or ''} {owner.surname or ''}")
