"""``kingston archive restore``: what is in quarantine goes back as far as its obstacles are gone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from ... import db
from ...catalog import history, portal
from ...ddl.event_log import recorded
from ...ddl.runner import alone
from ...errors import RefusedError
from ...settings import Schemas, schemas
from ...wording import count
from . import ownership, rows, shape, values
from .items import Item, meant_by, resting
from .tries import Count


@dataclass(frozen=True)
class Reason:
    """Why rows stay in quarantine."""

    text: str
    rows: int


@dataclass(frozen=True)
class Outcome:
    """What became of one quarantine.  ``returned``: rows of which something went back; ``staying``: rows left in it."""

    name: str
    table: str
    returned: int
    staying: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Resting:
    """A table or values that wait for an upgrade, and the command that brings them back."""

    name: str
    rows: int
    command: str


@dataclass(frozen=True)
class Report:
    """What a restore did, or with ``dry_run`` would do."""

    schema: str
    archive: str
    dry_run: bool
    returned: int
    staying: int
    items: tuple[Outcome, ...]
    resting: tuple[Resting, ...]


def run(
    url: str,
    schema: str | None = None,
    *,
    name: str | None = None,
    key: str | None = None,
    dry_run: bool = False,
    story: Callable[[str], None] = lambda line: None,
) -> Report:
    """Put back what can go, batch by batch, each committed; with ``dry_run`` all of it in one transaction undone.

    ``name``: one quarantine, or the table it belongs to; ``key``: one row.  Raises RefusedError for a table that
    rests in the archive as a whole, because an upgrade is its way back; UsageError for an unknown name.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        revision = portal.read(connection, names).revision
        items = resting(connection, names)
        asked = items if name is None else meant_by(items, name)
        waiting = tuple(
            _waiting(item, revision, names) for item in asked if item.kind in ("table", "columns")
        )
        work = [item for item in asked if item.quarantined]
        if name is not None and not work:
            raise RefusedError(
                f"{name} rests in the archive to come back as a whole; nothing of it is in quarantine",
                fix=waiting[0].command if waiting else "kingston archive lists what there is",
                obj=name,
            )
        with contextlib.ExitStack() as stack:
            if dry_run:
                stack.enter_context(alone(connection, names))
                stack.enter_context(connection.transaction(force_rollback=True))
                found = passes(connection, names, work, key, story)
            else:
                event = stack.enter_context(recorded(connection, names, "archive restore", name))
                stack.enter_context(alone(connection, names))
                found = passes(connection, names, work, key, story)
                event.rows = sum(item.returned for item in found)
    return Report(
        schema=names.application,
        archive=names.archive,
        dry_run=dry_run,
        returned=sum(item.returned for item in found),
        staying=sum(item.staying for item in found),
        items=tuple(found),
        resting=tuple(item for item in waiting if item.rows),
    )


def passes(
    connection: psycopg.Connection[Any],
    names: Schemas,
    work: list[Item],
    key: str | None = None,
    story: Callable[[str], None] = lambda line: None,
) -> list[Outcome]:
    """Again and again until nothing moves: a row that went back may be the parent of another."""
    returned = {item.name: 0 for item in work}
    while True:
        shapes = [shape.read(connection, names, item) for item in work]
        counts = {}
        for built in shapes:
            beside = [s for s in shapes if s.item.kind == "columns" and s.item.table == built.item.table]
            counts[built.item.name] = moved = _put_back(connection, names, built, beside, key)
            returned[built.item.name] += moved.returned
            if moved.returned:
                story(f"{built.item.name}: {count(moved.returned, 'row')} went back")
        if not any(found.returned for found in counts.values()):
            return [_outcome(item, returned[item.name], counts[item.name]) for item in work]


def _put_back(
    connection: psycopg.Connection[Any],
    names: Schemas,
    built: shape.Shape,
    beside: list[shape.Shape],
    key: str | None,
) -> Count:
    count = Count(built.item)
    if not built.present:
        count.staying[f"{built.item.table} is not in the portal now"] += built.item.quarantined
    elif not built.key:
        count.staying[f"{built.item.table} has no primary key"] += built.item.quarantined
    elif built.item.kind == "quarantine":
        count = rows.put_back(connection, names, built, beside, key)
    elif not set(built.shared) - set(built.key):
        count.staying[f"{built.item.table} has no column {', '.join(built.homeless)} now"] += (
            built.item.quarantined
        )
    elif built.item.name == ownership.ARCHIVE:
        count = ownership.put_back(connection, names, built, key)
    else:
        count = values.put_back(connection, names, built, key)
    return count


def _outcome(item: Item, returned: int, count: Count) -> Outcome:
    return Outcome(
        name=item.name,
        table=item.table,
        returned=returned,
        staying=sum(count.staying.values()),
        reasons=tuple(Reason(text, number) for text, number in count.staying.most_common()),
    )


def _waiting(item: Item, revision: str | None, names: Schemas) -> Resting:
    """What an upgrade brings back, and the command; nothing for what no upgrade knows."""
    above = item.revision in history.names() and history.position(item.revision) > history.position(revision)
    return Resting(
        item.name,
        item.rows - item.quarantined if above else 0,
        f"kingston upgrade {item.revision}{names.option}",
    )
