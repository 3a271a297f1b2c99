"""The portal in use: a process that writes single rows and one that reads them, and how long each statement took.

Two milliseconds apart, about what a busy portal does; each statement is a transaction of its own.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import psycopg

from . import runs
from .figures import percentile

PAUSE = 0.002
STATEMENTS = {
    "writer": "UPDATE client_products SET notes = %(text)s WHERE id = %(id)s",
    "reader": "SELECT id, client_id, product_name, status FROM client_products WHERE id = %(id)s",
}
Sample = tuple[float, float]  # when it began (seconds since 1970), how long it took (seconds)


@dataclass
class Heard:
    """What the probes met: samples by role, and statements that failed."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def waits(self, begun: float = 0.0, ended: float = float("inf")) -> dict[str, dict[str, float]]:
        """Milliseconds of the statements that were under way between ``begun`` and ``ended``."""
        found = {}
        for role, samples in self.samples.items():
            took = [1000 * seconds for at, seconds in samples if at + seconds >= begun and at <= ended]
            if took:
                found[role] = {
                    "p50_ms": round(percentile(took, 0.5), 2),
                    "p99_ms": round(percentile(took, 0.99), 2),
                    "most_ms": round(max(took), 2),
                    "statements": len(took),
                }
        return found


@contextlib.contextmanager
def listening(url: str) -> Iterator[Heard]:
    """The probes run while the block does; the result is complete after it."""
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    heard = Heard()
    ends: dict[str, tuple[Any, Connection]] = {}
    for role in STATEMENTS:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(
            target=_probe, args=(runs.dsn(url), STATEMENTS[role], over, theirs), daemon=True
        )
        process.start()
        ends[role] = (process, ours)
    for _, ours in ends.values():
        ours.recv()  # connected
    try:
        yield heard
    finally:
        over.set()
        for role, (process, ours) in ends.items():
            heard.samples[role], failures = ours.recv()
            heard.failures += [f"{role}: {text}" for text in failures]
            process.join()


def idle(url: str, seconds: float) -> dict[str, dict[str, float]]:
    """The same waits while nothing else happens."""
    with listening(url) as heard:
        time.sleep(seconds)
    return heard.waits()


def _probe(address: str, statement: str, over: Any, to: Connection) -> None:
    samples: list[Sample] = []
    failures: list[str] = []
    with psycopg.connect(address, autocommit=True, application_name="portal") as connection:
        connection.execute("SET search_path = public")
        row = connection.execute("SELECT min(id), max(id) FROM client_products").fetchone()
        assert row is not None
        numbers = random.Random(11)
        to.send("ready")
        while not over.is_set():
            values = {"id": numbers.randint(*row), "text": f"note {numbers.randint(1, 1000)}"}
            at, begun = time.time(), time.perf_counter()
            try:
                connection.execute(statement, values)
            except psycopg.Error as error:
                failures.append(str(error).splitlines()[0])
            samples.append((at, time.perf_counter() - begun))
            time.sleep(PAUSE)
    to.send((samples, failures))
