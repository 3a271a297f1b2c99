"""A second session that takes part in a large data movement (design section 8).

Only speed depends on it: the procedure of the working session finishes alone, too.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg

from .. import db
from ..errors import KingstonError
from . import sessions
from .events import Reporter

APPLICATION_NAME = "kingston_schema helper"
# What is done sooner needs no help.
PATIENCE = 0.05  # seconds
LONGEST_END = 5.0  # seconds


@contextlib.contextmanager
def helping(url: str, schema: str, settings: dict[str, str], call: str, reporter: Reporter) -> Iterator[None]:
    """Run ``call`` on a connection of its own while the block runs; cancelled when the block ends.

    Without a second connection, or when it breaks, the block goes on alone and ``reporter`` is told.
    """
    helper = _Helper(url, schema, settings, call, reporter)
    helper.start()
    try:
        yield
    finally:
        helper.end()


class _Helper(threading.Thread):
    def __init__(
        self, url: str, schema: str, settings: dict[str, str], call: str, reporter: Reporter
    ) -> None:
        super().__init__(name=APPLICATION_NAME, daemon=True)
        self._url, self._schema, self._settings = url, schema, settings
        self._call, self._reporter = call, reporter
        self._over = threading.Event()
        self._connection: psycopg.Connection[Any] | None = None

    def run(self) -> None:
        if self._over.wait(PATIENCE):
            return
        try:
            with db.connect(self._url, self._schema, application_name=APPLICATION_NAME) as connection:
                sessions.prepare(connection, self._settings)
                self._connection = connection
                if not self._over.is_set():
                    connection.execute(self._call.encode())
        except (KingstonError, psycopg.Error) as error:
            if not self._over.is_set():
                self._reporter.note(f"going on with one session, the second one ended: {error}")

    def end(self) -> None:
        """Cancel what still runs and wait for it; cut a connection on which that does not arrive."""
        self._over.set()
        until = time.monotonic() + LONGEST_END
        self.join(0.02)
        while self.is_alive() and time.monotonic() < until:
            if self._connection is not None:
                with contextlib.suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=1)
            self.join(0.02)
        if self.is_alive() and self._connection is not None:
            with (
                contextlib.suppress(OSError, psycopg.Error),
                socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as cut,
            ):
                cut.shutdown(socket.SHUT_RDWR)
            self.join(1)
