"""``kingston archive list``: what rests in the archive, what is in quarantine, what was purged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ... import db
from ...ddl.sqltext import render
from ...settings import Schemas, schemas
from .items import Item, registered, resting


@dataclass(frozen=True)
class Purge:
    """One purge that was made: who took what out of the archive for good, and why."""

    name: str
    table: str
    revision: str
    rows: int
    purged_at: datetime
    actor: str
    reason: str | None


@dataclass(frozen=True)
class Report:
    """What ``kingston archive`` says."""

    schema: str
    archive: str
    items: tuple[Item, ...]
    rows: int
    quarantined: int
    purges: tuple[Purge, ...] = ()


def run(url: str, schema: str | None = None, *, quarantine: bool = False, purged: bool = False) -> Report:
    """List the archive; reads only.

    ``quarantine``: only what could not go back.  ``purged``: also what was purged, newest first.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        items = [item for item in resting(connection, names) if item.quarantined or not quarantine]
        purges = purges_made(connection, names) if purged else []
    return Report(
        schema=names.application,
        archive=names.archive,
        items=tuple(items),
        rows=sum(item.rows for item in items),
        quarantined=sum(item.quarantined for item in items),
        purges=tuple(purges),
    )


def purges_made(connection: psycopg.Connection[Any], names: Schemas) -> list[Purge]:
    """Every purge on record, newest first."""
    if not registered(connection, names):
        return []
    rows = connection.execute(
        render(
            "SELECT archive_name, table_name, revision, rows_moved, moved_at, actor, reason"
            " FROM @control@.archive_entry WHERE movement = 'purged' ORDER BY id DESC",
            names,
        ).encode()
    )
    return [Purge(*row) for row in rows]
