"""The runner's heartbeat: a sign of life every few seconds, and an end to waiting for a server that gives none.

A network that swallows packets and a stopped server look alike to a client: silence.  TCP notices some of that,
nothing notices a proxy that keeps the connection and forwards nothing.  So whoever waits longer than the longest
silence for the answer to a trifle cuts both connections; the run ends with "outcome unknown" instead of hanging.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from ..settings import Schemas
from .sqltext import render

SECONDS = 5.0


def longest_silence() -> float:
    """KINGSTON_SERVER_SILENCE: seconds without an answer after which the server counts as lost (60)."""
    return float(os.environ.get("KINGSTON_SERVER_SILENCE", "60"))


class Heartbeat:
    """A thread that says "still at work" for ``run`` and watches that the server answers on both connections."""

    def __init__(
        self,
        side: psycopg.Connection[Any],
        work: psycopg.Connection[Any],
        names: Schemas,
        run: uuid.UUID,
        silence: float | None = None,
    ) -> None:
        self.side = side
        self.work = work
        self.silence = longest_silence() if silence is None else silence
        self.reason = ""
        """Why the connections were cut; empty while they were not."""
        self._beat = render(
            "UPDATE @control@.runner SET heartbeat_at = clock_timestamp() WHERE run_id = '" + str(run) + "'",
            names,
        ).encode()
        self._table = render("@control@.runner", names)
        self._there = False
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._idle: tuple[object, float] | None = None
        self._thread = threading.Thread(target=self._run, name="kingston heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """No beat inside the block: the second connection has a transaction of its own open."""
        with self._lock:
            yield

    def _run(self) -> None:
        while not self._done.wait(min(SECONDS, self.silence / 4)):
            with self._lock:
                alarm = threading.Timer(self.silence, self._cut, ["the server has not answered"])
                alarm.daemon = True
                alarm.start()
                try:
                    self._once()
                except psycopg.Error:
                    return  # the run itself meets the same, at its next step
                finally:
                    alarm.cancel()

    def _once(self) -> None:
        if not self._there:
            row = self.side.execute("SELECT to_regclass(%s) IS NOT NULL", (self._table,)).fetchone()
            self._there = bool(row and row[0])
        if self._there:
            self.side.execute(self._beat)
        state = self.side.execute(
            "SELECT state, state_change FROM pg_stat_activity WHERE pid = %s",
            (self.work.info.backend_pid,),
        ).fetchone()
        waiting = self.work.pgconn.transaction_status == TransactionStatus.ACTIVE
        if not waiting or (state is not None and state[0] == "active"):
            self._idle = None
        elif self._idle is None or self._idle[0] != state:
            self._idle = (state, time.monotonic())
        elif time.monotonic() - self._idle[1] > self.silence:
            self._cut("the answer of the server has not arrived")

    def _cut(self, reason: str) -> None:
        self.reason = f"{reason} for {self.silence:g} s"
        for connection in (self.work, self.side):
            # A duplicate: the connection's own descriptor stays libpq's to close.
            with (
                contextlib.suppress(OSError, psycopg.Error),
                socket.socket(fileno=os.dup(connection.pgconn.socket)) as cut,
            ):
                cut.shutdown(socket.SHUT_RDWR)
