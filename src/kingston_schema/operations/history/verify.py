"""Is the record whole?  The chain from its first event to its last, what guards it, and the files it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from ... import db
from ...catalog import history, portal
from ...ddl.event_log import missing
from ...ddl.events import Told
from ...errors import UsageError
from ...settings import schemas
from . import chain, guard, texts


@dataclass(frozen=True)
class Report:
    """What ``--verify`` found.  ``compared``: revision files and frozen texts; ``unknown``: revisions without any."""

    database: str
    schema: str
    events: int
    head: str | None
    since_head: int | None
    compared: int
    unknown: tuple[str, ...]
    faults: tuple[Told, ...]
    warnings: tuple[Told, ...]


def run(url: str, schema: str | None = None, *, head: str = "") -> Report:
    """Look; reads only, in one snapshot.  ``head``: a hash noted before, which has to be in the chain.

    Raises UsageError for a head that cannot be a hash.
    """
    wanted = head.strip().lower()
    if wanted and (len(wanted) < 12 or len(wanted) > 64 or wanted.strip("0123456789abcdef")):
        raise UsageError(
            f'"{head}" is no hash of an event: 12 to 64 hexadecimal digits', fix="kingston history prints it"
        )
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        database = connection.info.dbname
        connection.execute("SET default_transaction_read_only = on")
        connection.execute("SET default_transaction_isolation = 'repeatable read'")
        with connection.transaction():
            revision = portal.recorded(connection, names)
            applied = history.names()[: history.position(revision)]
            if missing(connection, names):
                lost = _nothing(connection, names, wanted)
                return Report(database, names.application, 0, None, None, 0, tuple(applied), lost, ())
            faults = [*guard.look(connection, names)]
            walked = chain.walk(connection, names, wanted)
            edited, compared, unknown = texts.compare(connection, names, applied)
    faults += walked.faults
    harmless = texts.harmless()
    return Report(
        database=database,
        schema=names.application,
        events=walked.events,
        head=walked.head,
        since_head=walked.since_head,
        compared=compared,
        unknown=tuple(unknown),
        faults=tuple(faults if harmless else [*faults, *edited]),
        warnings=tuple(edited if harmless else ()),
    )


def _nothing(connection: psycopg.Connection[Any], names: Any, wanted: str) -> tuple[Told, ...]:
    """No log: to be expected where nothing was ever run, a loss where there was one."""
    if not wanted and not portal.exists(connection, names, "@control@.journal"):
        return ()
    said = (
        "there is no event log, though the portal has been migrated"
        if not wanted
        else "there is no event log"
    )
    return (
        Told(
            "log_missing",
            f"{names.control}.event_log",
            said,
            "kingston checkpoint list: restore it from a backup",
        ),
    )
