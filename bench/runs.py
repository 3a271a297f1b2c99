"""Alembic as a process of its own, as people run it: how long it took, how much memory, each revision and step."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from kingston_schema import settings

from .figures import median

STEPS = (
    "SELECT s.revision, s.direction, s.step, s.operation, s.arguments, extract(epoch FROM s.intended_at)::float8,"
    " extract(epoch FROM s.acknowledged_at)::float8 FROM kingston.step_journal AS s"
    " WHERE s.run_id = (SELECT run_id FROM kingston.journal ORDER BY id DESC LIMIT 1) ORDER BY s.id"
)
REVISIONS = (
    "SELECT j.revision, j.seconds::float8, extract(epoch FROM j.started_at)::float8, extract(epoch FROM j.finished_at)::float8"
    " FROM kingston.journal AS j WHERE j.run_id = (SELECT run_id FROM kingston.journal ORDER BY id DESC LIMIT 1) ORDER BY j.id"
)
# Whatever else the machine does: a run that is refused half-way measures nothing.  The gate measures all the same.
ALLOWED = "benchmarks_within_tolerance:the bench measures on a machine that others use"


@dataclass(frozen=True)
class Step:
    """One operation of a revision; ``begun`` and ``ended`` in seconds since 1970."""

    revision: str
    direction: str
    number: int
    operation: str
    arguments: list[str]
    begun: float
    ended: float


@dataclass
class Ran:
    """One run: wall clock, peak memory of the client, revisions (name, seconds, begun, ended)."""

    seconds: float
    memory_mb: float
    revisions: list[tuple[str, float, float, float]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def step(self, revision: str, operation: str, argument: str) -> Step:
        """The step of that operation with that argument."""
        return next(
            s
            for s in self.steps
            if (s.revision, s.operation) == (revision, operation) and argument in s.arguments
        )


def medians(found: list[Ran]) -> dict[str, dict[str, float]]:
    """Seconds of each revision over several runs of one command."""
    taken = {
        name: [seconds for ran in found for each, seconds, *_ in ran.revisions if each == name]
        for name, *_ in found[0].revisions
    }
    return {name: {"median_s": round(median(seconds), 3)} for name, seconds in taken.items()}


def dsn(url: str) -> str:
    """``url`` as libpq takes it."""
    return settings.libpq_url(url)


def database(url: str) -> str:
    """The name of the database of ``url``."""
    return make_url(url).database or ""


def connect(url: str, **options: Any) -> psycopg.Connection[Any]:
    """An autocommit connection."""
    connection = psycopg.connect(dsn(url), autocommit=True, **options)
    connection.execute("SET search_path = public, pg_temp")
    return connection


def alembic(url: str, *arguments: str, stop_before: Step | None = None) -> Ran:
    """``alembic -x url=… <arguments>``; raises RuntimeError with what it said when it fails.

    ``stop_before``: a step of an earlier run before which this one is to end.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KINGSTON_")}
    if stop_before is not None:
        place = f"{stop_before.revision}:{stop_before.direction}:{stop_before.number}"
        environment["KINGSTON_FAIL_AT"] = f"{place}:before:error"
    command = [sys.executable, "-m", "alembic", "-x", f"url={url}", "-x", f"allow={ALLOWED}", *arguments]
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=settings.checkout(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if (process.returncode != 0) != (stop_before is not None):
            said.seek(0)
            text = said.read().decode("utf-8", "replace")[-3000:]
            raise RuntimeError(f"alembic {' '.join(arguments)} ended with {process.returncode}:\n{text}")
    ran = Ran(seconds, usage.ru_maxrss / 1024)
    if arguments[0] in ("upgrade", "downgrade"):
        with connect(url) as connection:
            if connection.execute("SELECT to_regclass('kingston.step_journal') IS NOT NULL").fetchone() == (
                True,
            ):
                ran.revisions = list(connection.execute(REVISIONS))
                ran.steps = [Step(*row) for row in connection.execute(STEPS)]
    return ran
