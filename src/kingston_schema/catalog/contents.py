"""What tables hold: rows counted and one checksum per table, independent of the order of the rows.

A checksum is the sum of 64-bit hashes of every row as text, under fixed settings of how values are printed;
so it survives dump and restore, and is the same on every server version.  Sequences count with their state.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg import sql

from .. import db
from ..wording import count

PRINTING = {
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmloption": "content",
}


@dataclass(frozen=True)
class Content:
    """Rows of one table and their checksum; for a sequence no rows, and its state: ``17 true`` (last value, called)."""

    rows: int
    checksum: str
    sequence: bool = False


def tables(connection: psycopg.Connection, schemas: Sequence[str]) -> list[tuple[str, str, str]]:
    """(schema, name, kind) of every table (r) and sequence (S) of ``schemas``, largest first."""
    rows = connection.execute(
        "SELECT n.nspname, c.relname, c.relkind::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'S') ORDER BY pg_relation_size(c.oid) DESC, 1, 2",
        (list(schemas),),
    )
    return [(str(s), str(n), str(k)) for s, n, k in rows]


def read(
    url: str, schemas: Sequence[str], *, snapshot: str | None = None, jobs: int = 2
) -> dict[str, Content]:
    """{"schema.table": Content} of every table and sequence of ``schemas``, all from one snapshot.

    ``snapshot``: one that somebody exported and holds open; without it, a snapshot of our own.
    """
    with db.connect(url) as keeper, db.plain_errors(url):
        keeper.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot is None:
            row = keeper.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            snapshot = str(row[0])
        else:
            keeper.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
        every = tables(keeper, schemas)
        shares = [every[number::jobs] for number in range(jobs)]
        with ThreadPoolExecutor(jobs) as pool:
            found = list(pool.map(lambda share: _share(url, str(snapshot), share), shares))
    return dict(sorted((name, content) for part in found for name, content in part.items()))


def _share(url: str, snapshot: str, share: list[tuple[str, str, str]]) -> dict[str, Content]:
    with db.connect(url) as connection, db.plain_errors(url):
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
        for name, value in PRINTING.items():
            connection.execute(sql.SQL("SET LOCAL {} = {}").format(sql.Identifier(name), value))
        return {f"{schema}.{name}": _content(connection, schema, name, kind) for schema, name, kind in share}


def _content(connection: psycopg.Connection, schema: str, name: str, kind: str) -> Content:
    table = sql.Identifier(schema, name)
    if kind == "S":
        row = connection.execute(
            sql.SQL("SELECT 0, last_value || ' ' || is_called FROM {}").format(table)
        ).fetchone()
    else:
        row = connection.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM ONLY {} AS t"
            ).format(table)
        ).fetchone()
    assert row is not None
    return Content(int(row[0]), str(row[1]), kind == "S")


def differences(before: dict[str, Content], after: dict[str, Content], *, ahead: bool = False) -> list[str]:
    """Every table that is missing, added, or holds other rows, in words.

    ``ahead``: a sequence may have moved on, which no snapshot holds back; it may never be behind.
    """
    found = [f"{name} is missing" for name in before if name not in after]
    found += [f"{name} was not there" for name in after if name not in before]
    for name, was in before.items():
        now = after.get(name)
        if now is None or now == was:
            continue
        if was.sequence:
            if not ahead or _position(now) < _position(was):
                found.append(f"sequence {name} stands at {now.checksum} instead of {was.checksum}")
        elif now.rows != was.rows:
            found.append(f"{name} holds {count(now.rows, 'row')} instead of {was.rows:,}")
        else:
            found.append(f"{name} holds other values in its {count(was.rows, 'row')}")
    return found


def _position(sequence: Content) -> tuple[int, bool]:
    value, _, called = sequence.checksum.partition(" ")
    return int(value), called == "true"
