"""What every recovery stands on: one transaction, one snapshot, what is recorded and since when, one event."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ... import db
from ...catalog import portal
from ...ddl.event_log import Command
from ...errors import Interrupted, PartialError
from ...settings import Schemas, schemas
from .._noting import noted
from ..audit import tracked, trail
from ..audit.tracked import Tracked

MARK = "recover "  # and the id: the correlation id of every line that a recovery leaves


@dataclass(frozen=True)
class Ground:
    """A portal looked at: connection in one snapshot, recorded tables, and since when each is recorded.

    ``number``: the id of the recovery, should there be one; ``event``: what the event log is told at its end.
    """

    connection: psycopg.Connection[Any]
    names: Schemas
    recorded: dict[str, Tracked]
    begun: dict[str, datetime | None]
    number: str
    event: Command


@contextmanager
def ground(url: str, schema: str | None, event: str = "", subject: str | None = None) -> Iterator[Ground]:
    """One transaction, one snapshot; with ``event`` on record in the event log, however it ends.

    Raises RefusedError below phase_2_audit; BusyError when rows changed meanwhile; Interrupted.
    """
    names = schemas(schema)
    number = secrets.token_hex(4)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        trail.require(connection, names)
        told = noted(connection, names, event, subject, dry_run=not event)
        with _interrupts(connection, number), told as command, db.plain_errors(url), connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SET LOCAL lock_timeout = '2s'")
            trail.print_plainly(connection)
            recorded = tracked.read(connection, names)
            begun = tracked.beginnings(connection, names, portal.recorded(connection, names))
            yield Ground(connection, names, recorded, begun, number, command)


@contextmanager
def _interrupts(connection: psycopg.Connection[Any], number: str) -> Iterator[None]:
    """Ctrl-C in plain words: the one transaction was taken back, or had been committed just before."""
    try:
        yield
    except KeyboardInterrupt as error:
        done = False
        with contextlib.suppress(psycopg.Error):
            row = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM row_history AS h WHERE h.correlation_id = %s"
                " AND h.correlation_id LIKE 'recover %%')",
                (MARK + number,),
            ).fetchone()
            done = bool(row and row[0])
        if done:
            raise PartialError(
                f"interrupted when recovery {number} was done already", fix=f"kingston recover undo {number}"
            ) from error
        raise Interrupted("interrupted; nothing was changed") from error
