"""Waiting for locks in a run: never long in a queue, and always saying for whom.

The session's ``lock_timeout`` is one attempt, so nobody queues behind a statement of ours longer than that.  Operations
that need strong locks retry on the server (sql/control/in_attempts.sql, also in scripts); this module does the same
for any other statement of an online run, and tells what is in the way where the server cannot.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import DBAPIError

from ..errors import BusyError
from .events import Reporter, Told

ATTEMPT = "50ms"
# In a script nothing tries again; the locks that somebody could queue behind are the server functions' business there, too.
SCRIPT = "2s"
WAITING = "KS010"  # SQLSTATE of the notices of in_attempts
ROLES = "KS011"  # SQLSTATE of the warnings of make_roles
_FIRST, _EVERY = 1.0, 3.0  # seconds of waiting before it is said, and between two times
_CAP = "coalesce(nullif(current_setting('kingston.lock_cap_seconds', true), ''), '60')::double precision"
_BLOCKERS = "SELECT {control}.who_is_in_the_way(pg_blocking_pids(%s))"

T = TypeVar("T")


def listen(connection: psycopg.Connection[Any], reporter: Reporter) -> None:
    """Pass on what the server says while it waits for a lock, and which rights it could not give."""

    def heard(notice: psycopg.errors.Diagnostic) -> None:
        if notice.sqlstate == WAITING and notice.message_primary:
            reporter.note(notice.message_primary)
        elif notice.sqlstate == ROLES and notice.message_primary:
            fix = notice.message_hint or ""
            reporter.finding(Told("roles_warning", "roles", f"{notice.message_primary}; {fix}", fix))

    connection.add_notice_handler(heard)


def patiently(connection: Any, execute: Callable[[], T]) -> T:
    """``execute()`` on an SQLAlchemy connection, again while somebody holds a lock it needs; at the cap its error.

    Inside a transaction each attempt has a savepoint, so what was done before it stays.
    """
    raw = connection.connection.dbapi_connection
    inside = raw.info.transaction_status == TransactionStatus.INTRANS
    began = time.monotonic()
    cap: float | None = None
    while True:
        attempt = connection.begin_nested() if inside else contextlib.nullcontext()
        try:
            with attempt:
                return execute()
        except DBAPIError as error:
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            if cap is None:
                cap = float(connection.exec_driver_sql(f"SELECT {_CAP}").scalar_one())
            if (
                time.monotonic() - began >= cap or error.orig.diag.message_detail
            ):  # with detail: the server's own cap
                raise
        time.sleep(0.02 + random.random() * 0.1)


class Watch:
    """Looks from a second connection who is in the way of a session, and says so after a while."""

    def __init__(
        self, side: psycopg.Connection[Any], control: str, backend: int, what: str, reporter: Reporter
    ) -> None:
        self._side, self._backend, self._what, self._reporter = side, backend, what, reporter
        self._query = _BLOCKERS.format(control=control)
        self._done = threading.Event()
        self.seen = ""

    def _look(self) -> None:
        since: float | None = None
        told = 0.0
        while not self._done.wait(0.25):
            try:
                row = self._side.execute(self._query.encode(), (self._backend,)).fetchone()
            except psycopg.Error as error:
                self._reporter.note(f"{self._what}: what it waits for cannot be read: {error}")
                return
            if not row or not row[0]:
                since = None
                continue
            self.seen = row[0]
            now = time.monotonic()
            since = since or now
            if now - since >= _FIRST and now - told >= _EVERY:
                told = now
                self._reporter.note(f"{self._what} waits for {row[0]}")

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While the block runs."""
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()


@contextlib.contextmanager
def announced(run: Any, connection: Any, control: str, what: str) -> Iterator[None]:
    """A long wait that blocks nobody (for old snapshots): said while it lasts, and whose fault it was if it ran out.

    Raises BusyError in the place of the server's bare lock timeout.
    """
    if run is None:
        yield
        return
    watch = Watch(
        run.records.side, control, connection.connection.dbapi_connection.info.backend_pid, what, run.reporter
    )
    try:
        with watch.watching():
            yield
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg.errors.LockNotAvailable):
            raise
        raise BusyError(
            f"{what} waited too long for older transactions; in the way: {watch.seen or 'nobody any more'}",
            fix="end what is in the way and run the same command again; more patience:"
            " PGOPTIONS='-c kingston.snapshot_wait_seconds=3600'",
        ) from error
