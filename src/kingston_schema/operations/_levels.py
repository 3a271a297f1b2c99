"""Rollbacks that leave the schema as it is: what the levels 1 and 2 share, and what they give back.

1 switches features off, 2 takes the rights on Phase 2 objects away.  Both are one transaction, remembered in the
control schema (kept_grants, under a kind of their own), undone exactly, and on record in migration_log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from .. import db
from ..catalog import history, portal
from ..ddl.event_log import recorded
from ..ddl.runner import alone
from ..ddl.sqltext import render
from ..errors import RefusedError
from ..settings import Schemas, schemas

SINCE = "pre_migration_control"


@dataclass(frozen=True)
class Change:
    """One switch, or one right: ``before`` and ``after``, both as text; ``note`` where nothing was done, says why."""

    object: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class Report:
    """What a rollback of level 1 or 2 did, or with ``dry_run`` would do; ``undone``: it was taken back."""

    database: str
    schema: str
    level: int
    undone: bool
    dry_run: bool
    changes: tuple[Change, ...]

    @property
    def done(self) -> tuple[Change, ...]:
        """What really changed."""
        return tuple(change for change in self.changes if not change.note)


@contextlib.contextmanager
def working(
    url: str, schema: str | None, event: str, reason: str, dry_run: bool
) -> Iterator[tuple[psycopg.Connection, Schemas, portal.Portal]]:
    """A connection inside one transaction, no migration beside it; all of it undone with ``dry_run``, else on record.

    Raises RefusedError below pre_migration_control, BusyError while a migration runs.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
        if history.position(found.revision) < history.position(SINCE):
            raise RefusedError(
                f"at {found.revision or 'base'} there is nothing of Phase 2 to switch off or to take away",
                fix=f"kingston upgrade {SINCE}",
            )
        with contextlib.ExitStack() as stack:
            if not dry_run:
                stack.enter_context(recorded(connection, names, event)).detail = reason or None
            stack.enter_context(alone(connection, names))
            stack.enter_context(connection.transaction(force_rollback=dry_run))
            yield connection, names, found


def remember(connection: psycopg.Connection, names: Schemas, kind: str, name: str, texts: list[str]) -> None:
    """Keep what will be given back; what is kept already stays in front."""
    connection.execute(
        render(
            "INSERT INTO @control@.kept_grants AS k (kind, identity, statements) VALUES (%s, %s, %s)"
            " ON CONFLICT (kind, identity) DO UPDATE SET statements = k.statements || EXCLUDED.statements",
            names,
        ).encode(),
        (kind, name, texts),
    )


def remembered(connection: psycopg.Connection, names: Schemas, kind: str) -> dict[str, list[str]]:
    """Name → texts, as kept."""
    rows = connection.execute(
        render(
            "SELECT identity, statements FROM @control@.kept_grants WHERE kind = %s ORDER BY identity", names
        ).encode(),
        (kind,),
    )
    return dict(rows.fetchall())


def forget(connection: psycopg.Connection, names: Schemas, kind: str, name: str) -> None:
    """It has been given back."""
    connection.execute(
        render("DELETE FROM @control@.kept_grants WHERE kind = %s AND identity = %s", names).encode(),
        (kind, name),
    )


def record(connection: psycopg.Connection, operation: str, changed: int, reason: str) -> None:
    """One line in migration_log, in the transaction of the change itself."""
    connection.execute(
        "INSERT INTO migration_log (phase, operation, status, error_message, rows_affected, started_at, completed_at)"
        " VALUES ('rollback', left(%s, 255), 'completed', NULL, %s, now(), clock_timestamp())",
        (f"{operation}{f': {reason}' if reason else ''}", changed),
    )
