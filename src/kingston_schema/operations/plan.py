"""What a move would do to this database: steps, locks, rewrites, rows and size today, seconds as measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

from .. import db
from ..catalog import history, locks, portal
from ..ddl.preflight import LEGACY_TABLES
from ..ddl.sqltext import render
from ..settings import Schemas, schemas
from . import _drive

ORDER = ("", *(locks.words(mode) for mode in locks.STRENGTH))


@dataclass(frozen=True)
class Lock:
    """The strongest lock on one table, and whom it keeps waiting while it is held (milliseconds, by budget)."""

    table: str
    mode: str
    blocks: str


@dataclass(frozen=True)
class Step:
    """One operation."""

    operation: str
    object: str
    statements: int
    locks: tuple[Lock, ...]
    rewrites: tuple[str, ...]


@dataclass(frozen=True)
class Revision:
    """One revision.  ``seconds`` as ``measured`` says: here, or in a portal of that size; None where nobody did."""

    revision: str
    title: str
    phase: str
    steps: tuple[Step, ...]
    statements: int
    locks: tuple[Lock, ...]
    rewrites: tuple[str, ...]
    replans: tuple[str, ...]
    seconds: float | None
    measured: str


@dataclass(frozen=True)
class Table:
    """A table that is locked or rewritten, as it is today; ``rows`` as the server estimates them."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Report:
    """What ``kingston plan`` says."""

    database: str
    schema: str
    direction: str
    before: str | None
    after: str | None
    products: int
    size_class: int | None
    revisions: tuple[Revision, ...]
    tables: tuple[Table, ...]
    seconds: float
    unmeasured: tuple[str, ...]
    budget: float | None

    @property
    def within(self) -> bool:
        """Whether the budget holds; a revision nobody has measured breaks it."""
        return self.budget is None or (self.seconds <= self.budget and not self.unmeasured)


def run(url: str, schema: str | None = None, target: str = "head", *, budget: float | None = None) -> Report:
    """Look, change nothing.  ``target`` above or below the present revision decides the direction.

    Raises UsageError for an unknown target, NotAPortal for anything but a portal or an empty schema.
    """
    names = schemas(schema)
    if target[:1] not in "+-":
        history.target_position(target, None)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        now = portal.read(connection, names).revision
        below = history.target_position(target, now) < history.position(now)
        planned = _drive.plan(url, schema, "down" if below else "up", target)
        products, owner_bytes = _sizes(connection)
        here = _durations_here(connection, names, planned.direction)
        size = _size_class(products)
        revisions = tuple(
            _revision(
                step,
                locks.steps(step.revision, planned.direction, products=products, owner_bytes=owner_bytes),
                here.get(step.revision) or _measured(step.revision, planned.direction, size),
            )
            for step in planned.steps
        )
        touched = {lock.table for r in revisions for lock in r.locks if lock.blocks != "nobody"}
        tables = _tables(connection, names, sorted(touched))
    return Report(
        database=planned.database,
        schema=names.application,
        direction=planned.direction,
        before=planned.before,
        after=planned.after,
        products=products,
        size_class=size,
        revisions=revisions,
        tables=tables,
        seconds=round(sum(r.seconds or 0 for r in revisions), 3),
        unmeasured=tuple(r.revision for r in revisions if r.seconds is None),
        budget=budget,
    )


def _revision(step: history.Step, traced: tuple[locks.Step, ...], time: tuple[float | None, str]) -> Revision:
    all_locks: dict[str, str] = {}
    for one in traced:
        for table, mode in one.locks.items():
            all_locks[table] = max(mode, all_locks.get(table, mode), key=locks.STRENGTH.index)
    return Revision(
        revision=step.revision,
        title=step.title,
        phase=step.phase,
        steps=tuple(Step(s.operation, s.object, s.statements, _locks(s.locks), s.rewrites) for s in traced),
        statements=sum(s.statements for s in traced),
        locks=_locks(all_locks),
        rewrites=tuple(sorted({table for s in traced for table in s.rewrites})),
        replans=tuple(
            sorted(
                {
                    s.object
                    for s in traced
                    if s.operation in ("add_columns", "archive_columns") and s.object in LEGACY_TABLES
                }
            )
        ),
        seconds=time[0],
        measured=time[1],
    )


def _locks(modes: Any) -> tuple[Lock, ...]:
    return tuple(Lock(table, locks.words(mode), locks.BLOCKS[mode]) for table, mode in sorted(modes.items()))


def _sizes(connection: psycopg.Connection[Any]) -> tuple[int, int]:
    """Number of products, and bytes of product_owners; 0 where there is no portal yet."""
    row = connection.execute(
        "SELECT to_regclass('client_products') IS NOT NULL, coalesce(pg_relation_size(to_regclass('product_owners')), 0)"
    ).fetchone()
    assert row is not None
    if not row[0]:
        return 0, 0
    count = connection.execute("SELECT count(*) FROM client_products").fetchone()
    return (int(count[0]) if count else 0), int(row[1])


def _durations_here(
    connection: psycopg.Connection[Any], names: Schemas, direction: str
) -> dict[str, tuple[float, str]]:
    """Revision → seconds of its last completed run in this very database."""
    journal = render("@control@.journal", names)
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (journal,)).fetchone()
    if not (row and row[0]):
        return {}
    rows = connection.execute(
        f"SELECT DISTINCT ON (revision) revision, seconds, finished_at FROM {journal}"
        " WHERE status = 'completed' AND direction = %s AND seconds IS NOT NULL ORDER BY revision, id DESC".encode(),
        (direction,),
    )
    return {r: (float(s), f"here, {at:%Y-%m-%d}" if at else "here") for r, s, at in rows}


@cache
def _benchmarks() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (files("kingston_schema") / "catalog" / "durations.json").read_text(encoding="utf-8")
    )
    return found


def _size_class(products: int) -> int | None:
    """The smallest measured size that is not below ``products``; None above them all."""
    return min((int(size) for size in _benchmarks()["sizes"] if int(size) >= products), default=None)


def _measured(revision: str, direction: str, size: int | None) -> tuple[float | None, str]:
    if size is None:
        return None, "not measured at this size"
    seconds = _benchmarks()["sizes"][str(size)].get(revision, {}).get(direction)
    if seconds is None:
        return None, "not measured"
    return float(seconds), f"benchmark, {size:,} products"


def _tables(connection: psycopg.Connection[Any], names: Schemas, tables: list[str]) -> tuple[Table, ...]:
    rows = connection.execute(
        "SELECT c.relname, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = ANY (%s) AND c.relkind IN ('r', 'p') ORDER BY 3 DESC, 1",
        (names.application, tables),
    )
    return tuple(Table(*row) for row in rows)
