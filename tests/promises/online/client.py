"""One client: a session of its own that sends one request after the other and keeps what became of each."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

import psycopg

THINK = 0.008  # seconds between two requests, on average
# A table, column or function of Phase 2 that is not there (yet, or any more).
NOT_THERE = ("42P01", "42703", "42883")
DROPPED_MEANWHILE = "cache lookup failed for function"


class Client(threading.Thread):
    """Sends ``step()`` over and over.  Times are of CLOCK_MONOTONIC, which all processes share."""

    kinds: ClassVar[dict[str, type[Client]]] = {}
    phase_2 = False

    def __init_subclass__(cls) -> None:
        Client.kinds[cls.__name__] = cls

    def __init__(self, url: str, number: int, clients: int, over: threading.Event) -> None:
        super().__init__(name=f"{type(self).__name__} {number}")
        self.number, self.clients, self.over = number, clients, over
        self.random = random.Random(number)
        self.connection = psycopg.connect(url, autocommit=True, application_name="a client of the portal")
        self.samples: list[tuple[str, float, float]] = []
        self.failures: list[str] = []
        self.counts: Counter[str] = Counter()
        self.facts: dict[str, Any] = {}
        self.prepare()

    def prepare(self) -> None:
        """What has to be known before the first request."""

    def step(self) -> None:
        """One request or a few that belong together."""
        raise NotImplementedError

    def run(self) -> None:
        """Until told to end.  A failure is kept and the client goes on."""
        while not self.over.is_set():
            try:
                self.step()
            except psycopg.Error as error:
                if self.phase_2 and error.sqlstate in NOT_THERE:
                    self.counts["not there"] += 1
                    self.over.wait(0.02)
                elif self.phase_2 and DROPPED_MEANWHILE in str(error):
                    self.counts["function dropped while it was called"] += 1
                else:
                    self.counts["failed"] += 1
                    self.failures.append(f"{self.name}: {error.sqlstate} {error}")
            self.over.wait(self.random.uniform(0, 2 * THINK))
        self.connection.close()

    def timed(self, kind: str, request: Callable[[], Any]) -> Any:
        """``request()``, and how long it took if it did not fail."""
        began = time.monotonic()
        result = request()
        self.samples.append((kind, began, (time.monotonic() - began) * 1000))
        return result

    def read(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement that reads, committed alone."""
        return self.timed("read", lambda: self.connection.execute(statement, values or None).fetchall())

    def write(self, statement: str, *values: Any) -> Any:
        """Number of rows, or the first column of the row that RETURNING gives; committed alone."""

        def request() -> Any:
            cursor = self.connection.execute(statement, values or None)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else cursor.rowcount

        return self.timed("write", request)

    def mine(self, numbers: list[int]) -> list[int]:
        """Those of ``numbers`` that only this client of its kind changes."""
        return [n for n in numbers if n % self.clients == self.number]
