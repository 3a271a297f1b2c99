"""The journal: what is about to be done and what was done, on the runner's second connection.

Its commits are asynchronous, which is cheap and loses nothing that matters: WAL has one order, so whatever a step made
durable comes after its intent, and an acknowledgement that is lost is found out by looking (kingston_schema.ddl.settling).
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import time
import uuid
from typing import Any

import psycopg

from .. import __version__
from ..settings import Schemas
from . import outcomes
from .sqltext import render


def phase_of(revision: str) -> str:
    """The phase a revision belongs to: ``phase_2_networth`` → ``phase_2``."""
    if revision.startswith("phase_"):
        return "_".join(revision.split("_")[:2])
    return "pre_migration" if revision.startswith("pre_migration") else revision


class Journal:
    """Rows about one run.

    As long as the database has no journal nothing can be written; the steps of the revision that makes it are written
    down when it has been committed, with the times they had.
    """

    def __init__(self, side: psycopg.Connection[Any], names: Schemas, run: uuid.UUID, backend: int) -> None:
        self.side = side
        self.names = names
        self.run = run
        self.backend = backend
        self._there = False
        self._acknowledged: int | None = None
        self._place = ("", "")
        self._kept: list[tuple[int, str, list[str], float]] = []

    @property
    def there(self) -> bool:
        """Whether the tables exist; asked again until they do."""
        if not self._there:
            row = self.side.execute(
                "SELECT to_regclass(%s) IS NOT NULL", (render("@control@.step_journal", self.names),)
            ).fetchone()
            self._there = bool(row and row[0])
        return self._there

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> psycopg.Cursor[Any]:
        """One statement on the second connection, with the names of the schemas put in."""
        return self.side.execute(render(statement, self.names).encode(), parameters or None)

    # -- revisions ------------------------------------------------------------------------------------

    def started(self, revision: str, direction: str) -> None:
        """Intent of a whole revision."""
        self._place = (revision, direction)
        self._acknowledged = None
        self._kept = []
        if self.there:
            self._record("started")

    def completed(self, seconds: float) -> int:
        """The revision has been committed; returns the rows it moved."""
        if not self.there:
            return 0
        row = self.execute("SELECT @control@.rows_moved(%s, %s)", (str(self.run), self._place[0])).fetchone()
        rows = int(row[0]) if row and row[0] else 0
        self._write_kept()
        self._record("completed", seconds=seconds, rows=rows)
        return rows

    def failed(self, seconds: float, error: str, step: int | None) -> None:
        """The revision raised ``error`` (at ``step``, if it was a step) and its transaction is rolled back."""
        if self.there:
            self._record("failed", seconds=seconds, error=error, step=step)

    def unknown(self, seconds: float, error: str) -> None:
        """The connection was lost: nobody can say yet."""
        if self.there:
            self._record("unknown", seconds=seconds, error=error)

    def _record(
        self,
        status: str,
        *,
        seconds: float = 0.0,
        rows: int = 0,
        error: str | None = None,
        step: int | None = None,
    ) -> None:
        revision, direction = self._place
        self.execute(
            "SELECT @control@.record_run(%s, %s, %s, %s, %s, %s::numeric, %s, %s, %s::json, %s)",
            (
                self.run,
                revision,
                direction,
                phase_of(revision),
                status,
                seconds,
                rows,
                error,
                json.dumps({"os_user": os_user(), "version": __version__, "pid": os.getpid()}),
                step,
            ),
        )

    def changed(self) -> bool:
        """Whether steps of the revision that failed have been committed all the same."""
        if not self.there:
            return False
        row = self.execute(
            "SELECT EXISTS (SELECT 1 FROM @control@.step_journal WHERE run_id = %s AND revision = %s AND direction = %s"
            " AND outcome = 'applied' AND (transaction IS NOT NULL OR operation = ANY (%s)))",
            (self.run, *self._place, outcomes.COMMITTING),
        ).fetchone()
        return bool(row and row[0])

    # -- steps ----------------------------------------------------------------------------------------

    def intend(self, step: int, operation: str, arguments: list[str]) -> None:
        """Before a step; carries the acknowledgement of the step before it, so each step costs one round trip."""
        if self.there:
            self._record_step(step, operation, arguments)
        else:
            self._kept.append((step, operation, arguments, time.monotonic()))

    def acknowledge(self, step: int) -> None:
        """The step has returned; written down with the next intent or by ``flush``."""
        self._acknowledged = step

    def flush(self) -> None:
        """Write the acknowledgement down now."""
        if self._acknowledged is not None and self.there:
            self._record_step(None, None, None)

    def _write_kept(self) -> None:
        now = time.monotonic()
        for step, operation, arguments, at in self._kept:
            self.execute(
                "INSERT INTO @control@.step_journal (run_id, revision, direction, step, operation, arguments, intended_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, clock_timestamp() - make_interval(secs => %s))",
                (self.run, *self._place, step, operation, arguments, now - at),
            )
        self._kept = []

    def _record_step(self, step: int | None, operation: str | None, arguments: list[str] | None) -> None:
        done, self._acknowledged = self._acknowledged, None
        self.execute(
            "SELECT @control@.record_step(%s, %s, %s, %s, %s, %s, %s, %s)",
            (self.run, *self._place, done, self.backend, step, operation, arguments),
        )


def os_user() -> str:
    """The account of this process, as well as it is known."""
    with contextlib.suppress(KeyError, OSError):
        return getpass.getuser()
    return str(os.getuid())
