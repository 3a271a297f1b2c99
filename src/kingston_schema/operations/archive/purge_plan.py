"""What a purge would take out of the archive for good, and whether an upgrade still needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...catalog import history, portal
from ...errors import RefusedError, UsageError
from ...settings import Schemas, schemas
from ...wording import count
from .items import Item, meant_by, resting


@dataclass(frozen=True)
class Part:
    """What goes of one table of the archive.

    ``waiting``: of its rows, those that an upgrade would bring back.
    """

    name: str
    kind: str
    table: str
    revision: str | None
    rows: int
    waiting: int


@dataclass(frozen=True)
class Plan:
    """What a purge would take out of the archive for good.  ``passed_over``: not ours, so not touched."""

    database: str
    schema: str
    archive: str
    before: datetime | None
    quarantine: bool
    parts: tuple[Part, ...]
    passed_over: tuple[str, ...]
    rows: int
    waiting: int
    reason: str | None = None
    purged: bool = False


def plan(
    url: str,
    schema: str | None = None,
    *,
    chosen: Sequence[str] = (),
    everything: bool = False,
    older_than: int | None = None,
    quarantine: bool = False,
) -> Plan:
    """Look what would go; changes nothing.

    ``chosen``: names of the archive, or of tables; ``older_than``: days since it came here; ``quarantine``: only
    what could not go back.  Raises UsageError where nothing says what shall go, or for an unknown name;
    RefusedError for a table that nobody registered.
    """
    if not chosen and not everything and older_than is None:
        raise UsageError(
            "what shall be purged? Nothing was named",
            fix="kingston archive purge NAME, --older-than DAYS or --all",
        )
    if chosen and everything:
        raise UsageError("--all and a name contradict each other", fix="leave one of them out")
    if older_than is not None and older_than < 0:
        raise UsageError(f"--older-than {older_than} is no number of days", fix="--older-than 90")
    names = schemas(schema)
    before = None if older_than is None else datetime.now(UTC) - timedelta(days=older_than)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        revision = portal.read(connection, names).revision
        items = resting(connection, names)
        if chosen:
            asked = {item.name: item for name in chosen for item in meant_by(items, name)}
            items = list(asked.values())
        foreign = [item.name for item in items if item.kind == "unregistered"]
        if foreign and chosen:
            raise RefusedError(
                f"nobody recorded how {', '.join(foreign)} came into schema {names.archive}; it is not ours to purge",
                fix=f"look at it, then: DROP TABLE {names.archive}.{foreign[0]}",
                obj=foreign[0],
            )
        parts = [
            part_of(connection, names, item, revision, before, quarantine)
            for item in items
            if item.kind != "unregistered"
        ]
        database = connection.info.dbname
    parts = [part for part in parts if part.rows]
    return Plan(
        database=database,
        schema=names.application,
        archive=names.archive,
        before=before,
        quarantine=quarantine,
        parts=tuple(parts),
        passed_over=tuple(foreign),
        rows=sum(part.rows for part in parts),
        waiting=sum(part.waiting for part in parts),
    )


def judge(planned: Plan, forced: str | None) -> None:
    """Refuse what an upgrade will need, unless a reason is given (``forced``)."""
    needed = [part for part in planned.parts if part.waiting]
    if not needed or (forced and forced.strip()):
        return
    listed = ", ".join(f"{part.name} ({count(part.waiting, 'row')})" for part in needed)
    raise RefusedError(
        f"an upgrade would bring back what rests in {listed}; purged, these values are lost",
        fix="kingston archive purge --all --quarantine leaves them; --force-with-reason WHY purges them all the same",
        obj=needed[0].name,
    )


def part_of(
    connection: psycopg.Connection[Any],
    names: Schemas,
    item: Item,
    revision: str | None,
    before: datetime | None,
    quarantine: bool,
) -> Part:
    """How many rows of ``item`` are meant, and how many of them an upgrade from ``revision`` would bring back."""
    away, waiting = meant(item.kind, item.archived_at, before, quarantine)
    counted = connection.execute(
        sql.SQL(
            "SELECT count(*) FILTER (WHERE {away}), count(*) FILTER (WHERE {waiting}) FROM {table}"
        ).format(away=away, waiting=waiting, table=sql.Identifier(names.archive, item.name))
    ).fetchone()
    assert counted is not None
    behind = item.revision in history.names() and history.position(item.revision) <= history.position(
        revision
    )
    return Part(
        name=item.name,
        kind=item.kind,
        table=item.table,
        revision=item.revision,
        rows=counted[0] + counted[1],
        waiting=0 if behind else counted[1],
    )


def meant(
    kind: str, archived_at: datetime | None, before: datetime | None, quarantine: bool
) -> tuple[sql.Composable, sql.Composable]:
    """Two conditions: the rows meant that are in quarantine, and the rows meant that wait for an upgrade."""
    nothing = sql.SQL("false")
    whole = nothing if quarantine or (before and archived_at and archived_at > before) else sql.SQL("true")
    if kind == "table":
        return nothing, whole
    away = sql.SQL("quarantined_at IS NOT NULL")
    if before is not None:
        away = sql.SQL("quarantined_at <= {}").format(before)  # type: ignore[assignment]
    return away, nothing if kind == "quarantine" else sql.SQL("quarantined_at IS NULL AND {}").format(whole)
