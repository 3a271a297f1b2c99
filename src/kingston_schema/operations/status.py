"""Where a portal is: revision and phase, what was moved, what rests in the archive, what to type next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from .. import db
from ..catalog import history, portal
from ..ddl.sqltext import render
from ..settings import Schemas, schemas
from .archive.items import resting as archived


@dataclass(frozen=True)
class Phase:
    """One phase: how many of its revisions are applied, when the last one was, what they moved."""

    name: str
    applied: int
    revisions: int
    finished_at: datetime | None
    seconds: float | None
    rows: int


@dataclass(frozen=True)
class LastRun:
    """The newest entry of the journal."""

    revision: str
    direction: str
    status: str
    seconds: float | None
    error: str | None
    started_at: datetime


@dataclass(frozen=True)
class Report:
    """What ``kingston status`` says."""

    database: str
    server: str
    schema: str
    origin: str | None
    revision: str | None
    phase: str | None
    head: str
    applied: int
    pending: int
    tables: int
    rows_migrated: int
    phases: tuple[Phase, ...]
    archived_objects: int
    archived_rows: int
    quarantined_rows: int
    last_run: LastRun | None
    next: str


def run(url: str, schema: str | None = None) -> Report:
    """Look; reads only.  Raises NotAPortal for a schema that is neither empty nor a stamped portal."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        found = portal.read(connection, names)
        applied = history.position(found.revision)
        journal = _journal(connection, names)
        last = _last(connection, names)
        resting = archived(connection, names)
    steps = history.steps()
    return Report(
        database=found.database,
        server=found.server,
        schema=found.schema,
        origin=found.origin,
        revision=found.revision,
        phase=steps[applied - 1].phase if applied else None,
        head=steps[-1].revision,
        applied=applied,
        pending=len(steps) - applied,
        tables=found.tables,
        rows_migrated=sum(journal[s.revision][2] for s in steps[:applied] if s.revision in journal),
        phases=tuple(_phases(steps, applied, journal)),
        archived_objects=sum(1 for item in resting if item.rows),
        archived_rows=sum(item.rows for item in resting),
        quarantined_rows=sum(item.quarantined for item in resting),
        last_run=last,
        next=_next(found, applied, steps, last),
    )


def _phases(
    steps: tuple[history.Step, ...], applied: int, journal: dict[str, tuple[Any, ...]]
) -> list[Phase]:
    phases = []
    for name in dict.fromkeys(step.phase for step in steps):
        ours = [(i, step) for i, step in enumerate(steps) if step.phase == name]
        done = [journal[s.revision] for i, s in ours if i < applied and s.revision in journal]
        phases.append(
            Phase(
                name=name,
                applied=sum(1 for i, _ in ours if i < applied),
                revisions=len(ours),
                finished_at=max((d[0] for d in done), default=None),
                seconds=sum(d[1] for d in done) if done else None,
                rows=sum(d[2] for d in done),
            )
        )
    return phases


def _next(found: portal.Portal, applied: int, steps: tuple[history.Step, ...], last: LastRun | None) -> str:
    where = Schemas(found.schema).option
    if found.revision is None:
        return f"kingston upgrade legacy{where} builds the Phase 1 portal in this empty schema"
    if last is not None and last.status == "failed":
        verb = "upgrade" if last.direction == "up" else f"rollback {last.revision}"
        return f"kingston {verb}{where} continues; it stopped at {last.revision}"
    if applied < len(steps):
        return f"kingston upgrade{where} applies the {len(steps) - applied} pending revisions"
    before = list(dict.fromkeys(step.phase for step in steps))[-2]
    return f"nothing; kingston rollback {before}{where} would go back without losing anything"


def _journal(connection: psycopg.Connection[Any], names: Schemas) -> dict[str, tuple[Any, ...]]:
    """Revision → (finished, seconds, rows) of its last completed way up."""
    if not _exists(connection, names, "@control@.journal"):
        return {}
    rows = connection.execute(
        render(
            "SELECT DISTINCT ON (revision) revision, finished_at, seconds::float8, coalesce(rows_moved, 0)"
            " FROM @control@.journal WHERE direction = 'up' AND status = 'completed'"
            " ORDER BY revision, id DESC",
            names,
        ).encode()
    )
    return {row[0]: (row[1], row[2] or 0.0, row[3]) for row in rows}


def _last(connection: psycopg.Connection[Any], names: Schemas) -> LastRun | None:
    if not _exists(connection, names, "@control@.journal"):
        return None
    row = connection.execute(
        render(
            "SELECT revision, direction, status, seconds::float8, error, started_at"
            " FROM @control@.journal ORDER BY id DESC LIMIT 1",
            names,
        ).encode()
    ).fetchone()
    return LastRun(*row) if row else None


def _exists(connection: psycopg.Connection[Any], names: Schemas, relation: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (render(relation, names),)).fetchone()
    return bool(row and row[0])
