"""What ``recover client`` and ``recover undo`` share: the plan, its one transaction, its report."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ... import db
from ...catalog import portal
from ...errors import NotAsExpected, RefusedError
from ...settings import Schemas, schemas
from ..audit import tracked, trail
from ..audit.tracked import Tracked
from . import keys as foreign
from . import writing
from .plan import Change, Left, Planner
from .replay import Row

MARK = "recover "  # and the id: the correlation id of every line that a recovery leaves


@dataclass(frozen=True)
class Report:
    """What was done (``id`` names it for an undo) or, with ``dry_run``, would be.

    ``others``: rows of others in the tables reached, counted and hashed before and after, and found the same.
    """

    id: str
    client: int | None
    at: datetime | None
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    others: int
    dry_run: bool


@dataclass(frozen=True)
class Ground:
    """A portal looked at: connection in one snapshot, recorded tables, and since when each is recorded."""

    connection: psycopg.Connection[Any]
    names: Schemas
    recorded: dict[str, Tracked]
    begun: dict[str, datetime | None]


@contextmanager
def ground(url: str, schema: str | None) -> Iterator[Ground]:
    """One transaction, one snapshot.  Raises RefusedError below phase_2_audit; BusyError when rows changed meanwhile."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        trail.require(connection, names)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SET LOCAL lock_timeout = '2s'")
            trail.print_plainly(connection)
            recorded = tracked.read(connection, names)
            begun = tracked.beginnings(connection, names, portal.recorded(connection, names))
            yield Ground(connection, names, recorded, begun)


def carry(
    here: Ground, rows: dict[str, list[Row]], left: list[Left], *, client: int | None, at: datetime | None,
    reason: str, lose_secrets: bool, dry_run: bool, in_step: bool = False,
) -> Report:  # fmt: skip
    """Plan, and unless ``dry_run`` write: audited, and everything else proven untouched before it is committed.

    ``in_step``: links and documents are already meant to agree afterwards, so neither is derived from the other.
    Raises RefusedError when a rule says no, NotAsExpected when a row of somebody else would have changed; both leave
    everything as it was.
    """
    connection, names = here.connection, here.names
    fks = foreign.read(connection, names.application)
    planner = Planner(
        connection, here.recorded, fks, writing.generated(connection, names.application), lose_secrets
    )
    planner.plan(rows)
    left = [*left, *planner.left]
    if dry_run or not planner.changes:
        return Report("", client, at, tuple(planner.changes), tuple(left), 0, dry_run)
    number = secrets.token_hex(4)
    connection.execute(
        "SELECT set_config('app.correlation_id', %s, true), set_config('app.justification', %s, true)",
        (MARK + number, reason),
    )
    before = writing.others(connection, here.recorded, fks, planner.changes)
    writing.write(connection, names.application, here.recorded, planner.changes, in_step)
    after = writing.others(connection, here.recorded, fks, planner.changes)
    if before != after:
        wrong = ", ".join(table for table in before if before[table] != after[table])
        raise NotAsExpected(f"rows of others in {wrong} would have changed; nothing was changed", obj=wrong)
    return Report(
        number, client, at, tuple(planner.changes), tuple(left), sum(count for count, _ in after.values()), False
    )


def chosen(recorded: dict[str, Tracked], wanted: list[str]) -> dict[str, Tracked]:
    """The recorded tables that were asked for; raises RefusedError for one that has no history."""
    for name in wanted:
        if name not in recorded:
            raise RefusedError(
                f"{name} has no row history here", fix=f"--tables {','.join(sorted(recorded))}", obj=name
            )
    return {name: table for name, table in recorded.items() if not wanted or name in wanted}
