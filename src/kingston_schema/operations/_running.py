"""What is running on a portal at this moment: who, since when, which step, how far, how long it will take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ..catalog.portal import exists
from ..ddl.runner import RUNS, lock_key
from ..ddl.sqltext import render
from ..settings import Schemas

_RUNNER = (
    "SELECT l.pid AS session, a.usename AS role, a.backend_start, r.command, r.version, r.os_user, r.host, r.pid, r.since,"
    " r.heartbeat_at, r.revision, r.direction, r.run_id, r.work_backend FROM pg_locks AS l"
    " JOIN pg_stat_activity AS a ON a.pid = l.pid LEFT JOIN {runner} AS r ON r.lock_backend = l.pid AND r.ended_at IS NULL"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database"
    " WHERE datname = current_database()) AND l.classid = %s::bigint::oid AND l.objid = %s::bigint::oid"
)
_NO_RUNNER = (
    "(SELECT NULL::text AS command, NULL::text AS version, NULL::text AS os_user, NULL::text AS host, NULL::integer AS pid,"
    " NULL::timestamptz AS since, NULL::timestamptz AS heartbeat_at, NULL::text AS revision, NULL::text AS direction,"
    " NULL::uuid AS run_id, NULL::integer AS work_backend, NULL::integer AS lock_backend, NULL::timestamptz AS ended_at)"
)
_STEP = (
    "SELECT s.step, s.operation, s.arguments, s.intended_at FROM @control@.step_journal AS s"
    " WHERE s.run_id = %s AND s.acknowledged_at IS NULL ORDER BY s.id DESC LIMIT 1"
)
_MOVEMENT = (
    "SELECT b.step, b.position, b.done, b.total, b.updated_at, extract(epoch FROM b.updated_at - b.started_at)::float8"
    " FROM @control@.backfill_progress AS b WHERE b.finished_at IS NULL AND b.updated_at >= %s"
    " ORDER BY b.updated_at DESC LIMIT 1"
)


@dataclass(frozen=True)
class Movement:
    """A data movement.  ``rate``: rows a second, measured; ``left``: seconds to go at that rate; None where unknown."""

    step: str
    position: int | None
    done: int
    total: int | None
    updated_at: datetime
    rate: float | None
    left: float | None


@dataclass(frozen=True)
class Running:
    """The runner at work.  ``step`` counts within the revision; ``waits_for``: sessions whose locks it waits for."""

    command: str | None
    who: str
    host: str | None
    pid: int | None
    session: int
    version: str | None
    since: datetime
    heard_at: datetime | None
    revision: str | None
    direction: str | None
    step: int | None
    operation: str | None
    step_since: datetime | None
    movement: Movement | None
    waits_for: str | None


def look(
    connection: psycopg.Connection[Any], names: Schemas, before: Running | None = None
) -> Running | None:
    """Who holds the runner's lock, and what is known of it; None when nobody does.

    ``before``: what was seen a moment ago, so that the rate is that of the time between.
    """
    there = exists(connection, names, "@control@.step_journal")
    key = [part % 2**32 for part in lock_key(names, RUNS)]
    statement = _RUNNER.format(runner="@control@.runner" if there else _NO_RUNNER)
    cursor = connection.cursor(row_factory=dict_row)
    row = cursor.execute(render(statement, names).encode(), key).fetchone()
    if row is None:
        return None
    step = connection.execute(render(_STEP, names).encode(), (row["run_id"],)).fetchone() if there else None
    movement = _movement(connection, names, row["since"], before) if there and row["since"] else None
    return Running(
        command=row["command"],
        who=f"{row['os_user']} ({row['role']})" if row["os_user"] else str(row["role"]),
        host=row["host"],
        pid=row["pid"],
        session=row["session"],
        version=row["version"],
        since=row["since"] or row["backend_start"],
        heard_at=row["heartbeat_at"],
        revision=row["revision"],
        direction=row["direction"],
        step=step[0] if step else None,
        operation=" ".join([step[1], *step[2][:2]]) if step else None,
        step_since=step[3] if step else None,
        movement=movement,
        waits_for=_waits_for(connection, names, row["work_backend"]) if there else None,
    )


def _movement(
    connection: psycopg.Connection[Any], names: Schemas, since: datetime, before: Running | None
) -> Movement | None:
    row = connection.execute(render(_MOVEMENT, names).encode(), (since,)).fetchone()
    if row is None:
        return None
    step, position, done, total, at, seconds = row
    rate = done / seconds if done and seconds else None
    last = before.movement if before else None
    if last is not None and last.step == step and last.updated_at < at and last.done < done:
        rate = (done - last.done) / (at - last.updated_at).total_seconds()
    left = max(total - done, 0) / rate if total is not None and rate else None
    return Movement(step, position, done, total, at, rate and round(rate, 1), left and round(left, 1))


def _waits_for(connection: psycopg.Connection[Any], names: Schemas, backend: int | None) -> str | None:
    if backend is None:
        return None
    row = connection.execute(
        render("SELECT @control@.who_is_in_the_way(pg_blocking_pids(%s))", names).encode(), (backend,)
    ).fetchone()
    return row[0] if row else None
