"""Comparing the state before the rollback with the state after a movement, by sums; differences with their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from ...catalog import expected
from ...models import metadata
from ...settings import MINIMUM_SERVER
from . import naming, sums
from .differences import PHASE, QUEUES, TOLD, Difference
from .shape import Shape, Table
from .sums import Part, Sums

Connection = psycopg.Connection[Any]


def limits(connection: Connection, shape: Shape) -> dict[str, str]:
    """The largest key in each table that a run of the migration adds to."""
    found = {}
    for name in TOLD & shape.keys():
        row = connection.execute(
            f'SELECT coalesce(max("{shape[name].key[0]}"), 0)::text FROM "{name}"'.encode()
        ).fetchone()
        assert row is not None
        found[name] = str(row[0])
    return found


def compare(
    when: str,
    before: tuple[Connection, Shape, Mapping[str, Sums]],
    after: tuple[Connection, Shape, Mapping[str, Sums]],
    apart: Mapping[str, Part],
    upto: Mapping[str, str],
) -> Iterator[Difference]:
    """Every table and column that is in both shapes.

    ``apart``: rows that are judged one by one elsewhere; ``upto``: the largest key that counts.
    """
    for name in sorted(before[1].keys() & after[1].keys() - QUEUES):
        one, two = before[1][name], after[1][name]
        part = _with_phase(name, apart.get(name, Part()))
        parts = (part, Part(part.picks, upto.get(name)))
        was, now = before[2][name], after[2][name]
        if part.picks:
            was -= sums.total(before[0], one, parts[0])
            now -= sums.total(after[0], two, parts[1])
        yield from _table(when, (before[0], after[0]), (one, two), parts, (was, now))


def _with_phase(name: str, part: Part) -> Part:
    table, column, value = PHASE
    return Part((*part.picks, (column, (value,))), part.upto) if name == table else part


def _table(
    when: str,
    connections: tuple[Connection, Connection],
    tables: tuple[Table, Table],
    parts: tuple[Part, Part],
    found: tuple[Sums, Sums],
) -> Iterator[Difference]:
    was, now = found
    name = tables[0].name
    if (was.rows, was.keys) != (now.rows, now.keys):
        keys = naming.differing(*connections, tables, "", parts)
        told = f"{now.rows:,} rows, {was.rows:,} before" if was.rows != now.rows else "other rows than before"
        yield Difference(when, "rows", name, told, keys)
        return  # every column differs then
    for column in tables[0].columns:
        if column in tables[1].columns and was.columns[column] != now.columns[column]:
            keys = naming.differing(*connections, tables, column, parts)
            told = f"another value in {len(keys)}{' or more' if len(keys) == naming.SHOWN else ''} of {now.rows:,} rows"
            yield Difference(when, "value", f"{name}.{column}", told, keys)


def sequences(when: str, before: Connection, after: Connection, schema: str) -> Iterator[Difference]:
    """No sequence may go back: a number would be handed out twice."""
    query = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = %s"
    was = dict(before.execute(query, (schema,)).fetchall())
    now = dict(after.execute(query, (schema,)).fetchall())
    for name in sorted(was.keys() & now.keys()):
        if now[name] < was[name]:
            yield Difference(when, "sequence", name, f"stands at {now[name]}, before at {was[name]}")


def uncovered(found: Mapping[str, Sums], empty: frozenset[str]) -> Iterator[Difference]:
    """A column that Phase 2 added and that holds no value in any row: nothing would be proven about it."""
    legacy = expected.expected("legacy", MINIMUM_SERVER).objects
    for name in sorted((found.keys() & metadata.tables.keys()) - QUEUES):
        for column, (_, filled) in found[name].columns.items():
            ours = column in metadata.tables[name].columns and f"column {name}.{column}" not in legacy
            if ours and not filled and f"{name}.{column}" not in empty:
                told = "the rehearsal writes no value there, so nothing is proven about it"
                yield Difference("up", "cover", f"{name}.{column}", told)
