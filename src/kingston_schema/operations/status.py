"""Where a portal is, what stands on record of it, what is running, and what to type next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from .. import db
from ..catalog import history, portal
from ..catalog.portal import exists
from ..ddl.sqltext import render
from ..settings import Schemas, schemas
from . import _running, _standing
from ._running import Running
from ._standing import Checkpoint, Gate, Override
from .archive.items import Item
from .archive.items import resting as archived
from .history import listing
from .history.listing import Entry

RUNS = 5
# Events that are parts of a command.
PARTS = (*listing.STEPS, "allow", "settled")


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
    archives: tuple[Item, ...]
    gates: tuple[Gate, ...]
    overrides: tuple[Override, ...]
    checkpoints: tuple[Checkpoint, ...]
    running: Running | None
    runs: tuple[Entry, ...]
    last_run: LastRun | None
    next: str


def run(url: str, schema: str | None = None, before: Report | None = None) -> Report:
    """Look; reads only.  Raises NotAPortal for a schema that is neither empty nor a stamped portal.

    ``before``: what was seen a moment ago; the rate of a data movement is then that of the time between.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        found = portal.read(connection, names)
        applied = history.position(found.revision)
        journal = _journal(connection, names)
        last = _last(connection, names)
        resting = archived(connection, names)
        gates = _standing.gates(connection, names)
        overrides = _standing.overrides(connection, names)
        checkpoints = _standing.checkpoints(connection, names)
        running = _running.look(connection, names, before.running if before else None)
        runs = _runs(connection, names)
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
        archives=tuple(resting),
        gates=gates,
        overrides=overrides,
        checkpoints=checkpoints,
        running=running,
        runs=runs,
        last_run=last,
        next=_next(found, applied, steps, last, running),
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


def _runs(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Entry, ...]:
    """The newest commands of the event log."""
    entries = sorted(listing.pair(listing.read(connection, names)), key=lambda e: e.number, reverse=True)
    return tuple([e for e in entries if e.event not in PARTS][:RUNS])


def _next(
    found: portal.Portal,
    applied: int,
    steps: tuple[history.Step, ...],
    last: LastRun | None,
    running: Running | None,
) -> str:
    where = Schemas(found.schema).option
    if running is not None:
        return f"kingston status --watch{where} follows the run"
    if found.revision is None:
        return f"kingston upgrade legacy{where} builds the Phase 1 portal in this empty schema"
    verb = "" if last is None else "upgrade" if last.direction == "up" else f"rollback {last.revision}"
    if last is not None and last.status in ("started", "unknown"):
        return f"kingston {verb}{where} finds out what became of {last.revision}, whose run ended without a word, and continues"
    if last is not None and last.status == "failed":
        return f"kingston {verb}{where} continues; it stopped at {last.revision}"
    if applied < len(steps):
        return f"kingston upgrade{where} applies the {len(steps) - applied} pending revisions"
    before = list(dict.fromkeys(step.phase for step in steps))[-2]
    return f"nothing; kingston rollback {before}{where} would go back without losing anything"


def _journal(connection: psycopg.Connection[Any], names: Schemas) -> dict[str, tuple[Any, ...]]:
    """Revision → (finished, seconds, rows) of its last completed way up."""
    if not exists(connection, names, "@control@.journal"):
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
    if not exists(connection, names, "@control@.journal"):
        return None
    row = connection.execute(
        render(
            "SELECT revision, direction, status, seconds::float8, error, started_at"
            " FROM @control@.journal ORDER BY id DESC LIMIT 1",
            names,
        ).encode()
    ).fetchone()
    return LastRun(*row) if row else None
