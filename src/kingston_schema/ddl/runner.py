"""One runner per portal: the advisory lock that decides it, and the row that says who it is.

Two locks.  The second connection holds the first for as long as the run lives; the session that does the work holds
the second, because it may outlive its client for a moment and nobody may begin before it has ended.  Both are polled:
waiting in pg_advisory_lock would deadlock with CREATE INDEX CONCURRENTLY.  Whether a runner is at work is decided by
the locks alone; the row in @control@.runner tells who, since when and with which version.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import socket
import time
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from .. import __version__
from ..errors import BusyError, RefusedError
from ..settings import Schemas
from .events import Reporter, SilentReporter
from .journal import os_user
from .sqltext import render

RUNS, WORKS = 19730, 19731


def longest_wait() -> float:
    """KINGSTON_RUNNER_WAIT: seconds to wait for another runner before giving up (600)."""
    return float(os.environ.get("KINGSTON_RUNNER_WAIT", "600"))


def lock_key(names: Schemas, number: int) -> tuple[int, int]:
    """The two numbers of the advisory lock ``number`` (RUNS or WORKS) of a portal."""
    return number, zlib.crc32(f"kingston_schema {names.application}".encode()) - 2**31


@dataclass(frozen=True)
class Owner:
    """Who is at work, in words, and with which version of this package (empty where nobody wrote it down)."""

    words: str
    version: str


@contextlib.contextmanager
def one_runner(
    side: psycopg.Connection[Any],
    work: psycopg.Connection[Any],
    names: Schemas,
    reporter: Reporter,
    wait: float | None = None,
) -> Iterator[None]:
    """Hold both locks of the portal.

    Raises BusyError when somebody else holds them longer than ``wait`` seconds, and RefusedError at once when that
    is a newer version of this package.
    """
    until = time.monotonic() + (longest_wait() if wait is None else wait)
    with _lock(side, RUNS, side, names, until, reporter), _lock(work, WORKS, side, names, until, reporter):
        yield


def alone(connection: psycopg.Connection[Any], names: Schemas) -> contextlib.AbstractContextManager[None]:
    """Both locks on one connection, for work that needs no second one.  Raises as ``one_runner`` does."""
    return one_runner(connection, connection, names, SilentReporter())


@contextlib.contextmanager
def _lock(
    connection: psycopg.Connection[Any],
    number: int,
    side: psycopg.Connection[Any],
    names: Schemas,
    until: float,
    reporter: Reporter,
) -> Iterator[None]:
    key = lock_key(names, number)
    told = False
    while True:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", key).fetchone()
        _leave(connection)
        if row and row[0]:
            break
        owner = at_work(side, names, key)
        if owner is not None:
            _refuse_older(owner)
            if time.monotonic() > until:
                raise BusyError(
                    f"another runner is still at work on schema {names.application}: {owner.words}",
                    fix="wait for it and run the same command again; kingston status shows how far it is",
                )
            if not told:
                reporter.note(f"waiting for another runner: {owner.words}")
                told = True
        time.sleep(0.05 + random.random() * 0.1)
    try:
        yield
    finally:
        with contextlib.suppress(psycopg.Error):
            _leave(connection)
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", key)
            _leave(connection)


def _leave(connection: psycopg.Connection[Any]) -> None:
    """End the transaction that psycopg begins by itself: inside one, Alembic would do nothing at all."""
    if not connection.autocommit and not connection.closed:
        connection.rollback()


def at_work(side: psycopg.Connection[Any], names: Schemas, key: tuple[int, int]) -> Owner | None:
    """Who holds the lock ``key``; None when nobody does any more."""
    session = side.execute(
        "SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'this machine'), date_trunc('second', a.backend_start)::text"
        " FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid"
        " WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database"
        " WHERE datname = current_database()) AND l.classid = %s::bigint::oid AND l.objid = %s::bigint::oid",
        (key[0] % 2**32, key[1] % 2**32),
    ).fetchone()
    if session is None:
        return None
    backend, user, address, since = session
    said = f"session {backend} of {user} from {address} since {since}"
    row = None
    if _there(side, names):
        row = side.execute(
            render(
                "SELECT format('%%s on %%s, process %%s, \"%%s\" with version %%s, since %%s', os_user, host, pid, command,"
                " version, date_trunc('second', since)) || coalesce(format(', now at %%s %%s', revision, direction), '')"
                " || format(', last heard of %%s ago', date_trunc('second', clock_timestamp() - heartbeat_at)), version"
                " FROM @control@.runner WHERE %s IN (lock_backend, work_backend) AND ended_at IS NULL",
                names,
            ).encode(),
            (backend,),
        ).fetchone()
    return Owner(f"{row[0]} ({said})", row[1]) if row else Owner(said, "")


def _refuse_older(owner: Owner) -> None:
    if _number(owner.version) > _number(__version__):
        raise RefusedError(
            f"version {owner.version} of kingston-schema is at work, this is version {__version__}: {owner.words}",
            fix=f"use version {owner.version}, or wait until it has ended and look at: alembic current",
        )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _there(side: psycopg.Connection[Any], names: Schemas) -> bool:
    row = side.execute("SELECT to_regclass(%s) IS NOT NULL", (render("@control@.runner", names),)).fetchone()
    return bool(row and row[0])


class Register:
    """The row of this run.  Written as soon as the database has the table."""

    def __init__(
        self, side: psycopg.Connection[Any], names: Schemas, run: uuid.UUID, work: int, command: str
    ) -> None:
        self.side = side
        self.names = names
        self.run = run
        self.work = work
        self.command = command
        self.written = False

    def begin(self) -> list[str]:
        """Write the row, end stale ones; returns in words who they were.  Does nothing a second time."""
        if self.written or not _there(self.side, self.names):
            return []
        stale = self.side.execute(
            render(
                "UPDATE @control@.runner SET ended_at = clock_timestamp(), outcome = 'unknown',"
                " found = 'it ended without a word, run ' || %s || ' found'  WHERE ended_at IS NULL"
                " RETURNING format('%%s on %%s, process %%s, \"%%s\"%%s, last heard of at %%s', os_user, host, pid, command,"
                " ' at ' || revision || ' ' || direction, date_trunc('second', heartbeat_at))",
                self.names,
            ).encode(),
            (str(self.run),),
        ).fetchall()
        self.side.execute(
            render(
                "INSERT INTO @control@.runner (run_id, command, version, os_user, host, pid, work_backend)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                self.names,
            ).encode(),
            (self.run, self.command, __version__, os_user(), socket.gethostname(), os.getpid(), self.work),
        )
        self.written = True
        return [row[0] for row in stale]

    def end(self, outcome: str, found: str) -> None:
        """Close the row: verified, failed or unknown."""
        if self.written:
            self.side.execute(
                render(
                    "UPDATE @control@.runner SET ended_at = clock_timestamp(), outcome = %s, found = %s WHERE run_id = %s",
                    self.names,
                ).encode(),
                (outcome, found[:2000], self.run),
            )


def last_version(side: psycopg.Connection[Any], names: Schemas) -> str:
    """The version of this package that last ran a revision here; empty where nobody wrote it down."""
    if not _there(side, names):
        return ""
    row = side.execute(
        render("SELECT detail ->> 'version' FROM @control@.journal ORDER BY id DESC LIMIT 1", names).encode()
    ).fetchone()
    return str(row[0] or "") if row else ""
