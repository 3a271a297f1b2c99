"""The migration report: everything this portal's records know of its migration, measured now or read from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import jinja2
import psycopg
from psycopg.rows import dict_row

from .. import __version__, db
from ..catalog import locks, portal
from ..ddl.sqltext import render
from ..settings import Schemas, schemas
from ..wording import count
from . import _charts, baseline, check, checkpoint, status
from .archive.items import Item, resting


@dataclass(frozen=True)
class Run:
    """One revision that was run; ``offset``: seconds since the first of its run began."""

    run_id: str
    revision: str
    direction: str
    status: str
    seconds: float | None
    rows: int
    error: str | None
    actor: str
    started_at: datetime
    offset: float
    lock: str


@dataclass(frozen=True)
class Gate:
    """The last result of one gate check."""

    phase: str
    check: str
    severity: str
    outcome: str
    found: str
    reason: str | None
    checked_at: datetime
    by: str


@dataclass(frozen=True)
class Report:
    """All of it, as data; ``problems`` in words, worst first."""

    made_at: datetime
    version: str
    state: status.Report
    runs: tuple[Run, ...]
    gates: tuple[Gate, ...]
    readiness: check.Report
    before: baseline.Baseline | None
    after: baseline.Baseline | None
    archive: tuple[Item, ...]
    checkpoints: tuple[checkpoint.Item, ...]
    problems: tuple[str, ...]


def run(url: str, schema: str | None = None) -> Report:
    """Gather; reads only.  Raises what ``status`` raises for a schema that is no portal."""
    names = schemas(schema)
    state = status.run(url, schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        runs, gates = _runs(connection, names), _gates(connection, names)
        items = tuple(item for item in resting(connection, names) if item.rows)
        database = portal.read(connection, names).database
    readiness = check.run(url, schema, "post")
    ours = [b for b in baseline.listing() if (b.database, b.schema) == (database, names.application)]
    held = tuple(
        c for c in checkpoint.listing() if c.database == database and c.schema in ("", names.application)
    )
    return Report(
        datetime.now(UTC), __version__, state, runs, gates, readiness, ours[-1] if len(ours) > 1 else None,
        ours[0] if ours else None, items, held, tuple(_problems(state, runs, gates, readiness, held)),
    )  # fmt: skip


def html(report: Report) -> str:
    """One self-contained page: no script, nothing loaded; for screens, phones and paper, light and dark."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "moment": _moment,
        "number": _number,
        "duration": _charts.duration,
        "size": _charts.size,
    }
    folder = files("kingston_schema") / "templates"
    text = (folder / "report.html.j2").read_text("utf-8")
    return environment.from_string(text).render(
        report=report,
        style=(folder / "report.css").read_text("utf-8"),
        timeline=_charts.timeline(report.runs),
        comparison=_charts.comparison(report.before, report.after),
    )


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""


def _number(count: int) -> str:
    return f"{count:,}"


def _rows(
    connection: psycopg.Connection[Any], names: Schemas, relation: str, query: str
) -> list[dict[str, Any]]:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (render(relation, names),)).fetchone()
    if not (row and row[0]):
        return []
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(render(query, names).encode()).fetchall()


def _runs(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Run, ...]:
    rows = _rows(
        connection, names, "@control@.journal",
        "SELECT j.run_id::text AS run_id, j.revision, j.direction, j.status, j.seconds::float8 AS seconds,"
        " coalesce(j.rows_moved, 0) AS rows, j.error, j.actor, j.started_at,"
        " extract(epoch FROM j.started_at - min(j.started_at) OVER (PARTITION BY j.run_id))::float8 AS offset"
        " FROM @control@.journal AS j ORDER BY j.id",
    )  # fmt: skip
    return tuple(Run(**row, lock=_lock(row["revision"], row["direction"])) for row in rows)


def _lock(revision: str, direction: str) -> str:
    """The strongest lock the revision takes on tables that were there, as traced."""
    steps = locks.steps(revision, direction, products=10**9, owner_bytes=10**9)
    modes = [mode for step in steps for mode in step.locks.values() if locks.BLOCKS[mode] != "nobody"]
    return locks.words(max(modes, key=locks.STRENGTH.index)) if modes else ""


def _gates(connection: psycopg.Connection[Any], names: Schemas) -> tuple[Gate, ...]:
    rows = _rows(
        connection, names, "@control@.gate_result",
        "SELECT * FROM (SELECT DISTINCT ON (phase, check_name) phase, check_name AS \"check\", severity, outcome,"
        " coalesce(found, '') AS found, reason, checked_at, checked_by AS \"by\", id"
        " FROM @control@.gate_result ORDER BY phase, check_name, id DESC) AS g ORDER BY g.id",
    )  # fmt: skip
    return tuple(Gate(**{k: v for k, v in row.items() if k != "id"}) for row in rows)


def _problems(
    state: status.Report, runs: tuple[Run, ...], gates: tuple[Gate, ...], readiness: check.Report,
    held: tuple[checkpoint.Item, ...],
) -> list[str]:  # fmt: skip
    found = []
    if runs and runs[-1].status != "completed":
        found.append(
            f"the last run did not complete: {runs[-1].direction} {runs[-1].revision} {runs[-1].status}"
        )
    told = ("no_failed_run", "gates_overridden", "quarantine")  # in other words here
    found += [f"{o.severity}: {o.name}: {o.found}" for o in readiness.failed if o.name not in told]
    found += [f"gate {g.phase}, {g.check} was allowed: {g.reason}" for g in gates if g.outcome == "allowed"]
    if state.quarantined_rows:
        found.append(f"{count(state.quarantined_rows, 'row')} in quarantine")
    if not any(c.proven_at for c in held):
        found.append("no checkpoint of this portal whose restore was proven")
    failed = [r for r in runs if r.status == "failed"]
    if failed:
        found.append(
            f"{count(len(failed), 'revision')} failed on the way, the last was {failed[-1].revision}"
        )
    return found
