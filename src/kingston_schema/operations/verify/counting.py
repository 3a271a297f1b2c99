"""How many rows went into the archive, came back, and went to quarantine: read from the register and counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ...ddl.sqltext import render
from ...settings import Schemas
from .above import COMPUTED
from .differences import Difference
from .shape import WHOLE, Shape, Table

Connection = psycopg.Connection[Any]
SOURCES = "product_owner_phone_sources"


@dataclass(frozen=True)
class Moved:
    """One entry of the register; ``whole``: a table moved as it is, and ``rows`` were counted afterwards.

    ``upto``: the largest first part of its key then, where that is a whole number.
    """

    table: str
    archive: str
    whole: bool
    rows: int
    upto: str | None = None


def mark(connection: Connection, names: Schemas) -> int:
    """The last entry of the register so far; 0 where there is no register yet."""
    control = render("@control@.archive_entry", names)
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (control,)).fetchone()
    if not (row and row[0]):
        return 0
    row = connection.execute(f"SELECT coalesce(max(id), 0) FROM {control}".encode()).fetchone()
    return int(row[0]) if row else 0


def archived(connection: Connection, names: Schemas, since: int, shape: Shape) -> list[Moved]:
    """What the rollback took out; ``shape``: the upper one."""
    found = []
    for table, archive, rows in _entries(connection, names, since, "archived"):
        if rows is not None:
            found.append(Moved(table, archive, False, int(rows)))
            continue
        counted, upto = _count(connection, names.archive, shape[table])
        found.append(Moved(table, archive, True, counted, upto))
    return found


def restored(
    connection: Connection, names: Schemas, since: int, shape: Shape, down: list[Moved], added: int
) -> list[Moved]:
    """What came back.  ``added``: telephone texts that were read anew and are counted among the sources."""
    upto = {moved.archive: moved.upto for moved in down}
    found = []
    for table, archive, rows in _entries(connection, names, since, "restored"):
        if rows is not None:
            found.append(Moved(table, archive, False, int(rows)))
            continue
        counted, _ = _count(connection, names.application, shape[table], upto.get(archive))
        found.append(Moved(table, archive, True, counted - (added if table == SOURCES else 0)))
    return found


def quarantined(connection: Connection, names: Schemas, since: int) -> dict[str, int]:
    """Archive table → rows that went to quarantine, as the register tells."""
    found: dict[str, int] = {}
    for _, archive, rows in _entries(connection, names, since, "quarantined"):
        found[archive] = found.get(archive, 0) + int(rows or 0)
    return found


def account(
    down: list[Moved], up: list[Moved], kept: Mapping[str, int], removed: Mapping[str, int]
) -> Iterator[Difference]:
    """Archived must be what came back and what is in quarantine.

    ``kept``: as the register tells, by archive table; ``removed``: table → rows in quarantine that are not live.
    """
    back = {(moved.table, moved.archive): moved.rows for moved in up}
    for moved in down:
        if moved.table in COMPUTED:
            continue  # computed anew
        rest = removed.get(moved.table, 0) if moved.whole else kept.get(moved.archive, 0)
        came = back.get((moved.table, moved.archive), 0)
        if moved.rows != came + rest:
            told = f"{moved.rows:,} rows were archived, {came:,} came back, {rest:,} are in quarantine"
            yield Difference("up", "count", moved.archive, told)


def _entries(connection: Connection, names: Schemas, since: int, movement: str) -> list[tuple[str, str, Any]]:
    rows = connection.execute(
        render(
            "SELECT table_name, archive_name, CASE WHEN bool_and(rows_moved IS NULL) THEN NULL ELSE sum(rows_moved) END"
            " FROM @control@.archive_entry WHERE id > %s AND movement = %s GROUP BY 1, 2 ORDER BY 1, 2",
            names,
        ).encode(),
        (since, movement),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _count(
    connection: Connection, schema: str, table: Table, upto: str | None = None
) -> tuple[int, str | None]:
    """Rows with a first key up to ``upto``, and the largest first key where that is a whole number."""
    first = sql.Identifier(table.key[0])
    whole = table.columns[table.key[0]] in WHOLE
    limit = sql.SQL("WHERE {} <= {}::bigint").format(first, upto) if whole and upto else sql.SQL("")
    largest = sql.SQL("max({})::text").format(first) if whole else sql.SQL("NULL")
    row = connection.execute(
        sql.SQL("SELECT count(*), {} FROM {} {}").format(largest, sql.Identifier(schema, table.name), limit)
    ).fetchone()
    assert row is not None
    return int(row[0]), row[1]
