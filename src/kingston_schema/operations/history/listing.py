"""The events of a portal: beginning and end of each command put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ... import db
from ...ddl.event_log import missing
from ...ddl.sqltext import render
from ...settings import Schemas, schemas

# Parts of a command; one that simply went well is shown on request only.
STEPS = ("up", "down", "gate")
WELL = ("done", "passed")
_ALIVE = (
    "EXISTS (SELECT 1 FROM pg_stat_activity AS a WHERE a.pid = e.backend AND a.datname = current_database()"
    " AND (a.backend_start IS NULL OR a.backend_start = e.backend_start))"
)
_EVENTS = (
    "SELECT e.id, e.at, e.run_id, e.stage, e.event, e.subject, e.revision, e.outcome, e.seconds::float8 AS seconds,"
    " e.rows_moved, e.detail, coalesce((SELECT count(*) FROM jsonb_object_keys(e.files)), 0) AS files, e.role, e.os_user,"
    " e.actor, e.host, e.address, e.application, e.pid, e.version, e.hash, e.stage = 'begun' AND {alive} AS alive"
    " FROM @control@.event_log AS e ORDER BY e.id"
)


@dataclass(frozen=True)
class Entry:
    """One command, revision or decision.  ``outcome``: done, passed, failed, refused, …, running or crashed.

    ``number`` is that of its last event, ``hash`` the same event's; ``files``: texts hashed when it began.
    """

    number: int
    event: str
    subject: str | None
    outcome: str
    started_at: datetime | None
    ended_at: datetime | None
    seconds: float | None
    rows: int | None
    detail: str | None
    revision: str | None
    role: str
    os_user: str | None
    actor: str | None
    host: str | None
    address: str | None
    application: str | None
    pid: int | None
    version: str | None
    files: int
    hash: str
    run_id: str

    @property
    def who(self) -> str:
        """The name given, else the account; and the role where it has another name."""
        name = self.actor or self.os_user or self.role
        return name if name == self.role else f"{name} ({self.role})"


@dataclass(frozen=True)
class Report:
    """``entries``: newest first.  ``head``: hash of event number ``events``, the last."""

    database: str
    schema: str
    events: int
    head: str | None
    entries: tuple[Entry, ...]
    hidden: int = 0


def run(url: str, schema: str | None = None, *, limit: int = 20, steps: bool = False) -> Report:
    """The newest ``limit`` entries (0: all); with ``steps`` also the revisions and gates that went well."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        database = connection.info.dbname
        rows = read(connection, names)
    entries = sorted(pair(rows), key=lambda entry: entry.number, reverse=True)
    shown = [e for e in entries if steps or e.event not in STEPS or e.outcome not in WELL]
    return Report(
        database=database,
        schema=names.application,
        events=len(rows),
        head=rows[-1]["hash"] if rows else None,
        entries=tuple(shown[: limit or None]),
        hidden=len(entries) - len(shown[: limit or None]),
    )


def read(connection: psycopg.Connection[Any], names: Schemas) -> list[dict[str, Any]]:
    """Every event, oldest first; none where there is no log."""
    if missing(connection, names):
        return []
    cursor = connection.cursor(row_factory=dict_row)
    return cursor.execute(render(_EVENTS.format(alive=_ALIVE), names).encode()).fetchall()


def pair(rows: Iterable[dict[str, Any]]) -> list[Entry]:
    """Events as entries: what was begun with its end, if it has one."""
    begun: dict[tuple[Any, ...], Entry] = {}
    found = []
    for row in rows:
        key = (row["run_id"], row["event"], row["subject"])
        if row["stage"] == "begun":
            begun[key] = _entry(row, "running" if row["alive"] else "crashed", started=row["at"], ended=None)
            continue
        before = begun.pop(key, None) if row["stage"] == "ended" else None
        started = before.started_at if before else None
        ended = _entry(row, row["outcome"] or row["stage"], started=started, ended=row["at"])
        found.append(replace(ended, files=max(ended.files, before.files if before else 0)))
    return [*found, *begun.values()]


def _entry(row: dict[str, Any], outcome: str, *, started: datetime | None, ended: datetime | None) -> Entry:
    same = (
        "event", "subject", "seconds", "detail", "revision", "role", "os_user", "actor", "host", "address",
        "application", "pid", "version", "files", "hash",
    )  # fmt: skip
    return Entry(
        number=row["id"],
        outcome=outcome,
        started_at=started,
        ended_at=ended,
        rows=row["rows_moved"],
        run_id=str(row["run_id"]),
        **{name: row[name] for name in same},
    )
