"""One run of Alembic: what env.py opens around it.  Schemas, permissions, lock, journal, watcher."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import psycopg

from .. import __version__
from ..settings import Schemas
from .attempts import ATTEMPT
from .events import PlainReporter, Reporter, Told
from .sqltext import render

SESSION = {
    "lock_timeout": ATTEMPT,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10min",
    "client_connection_check_interval": "500ms",
}


def phase_of(revision: str) -> str:
    """The phase a revision belongs to: ``phase_2_networth`` → ``phase_2``."""
    if revision.startswith("phase_"):
        return "_".join(revision.split("_")[:2])
    return "pre_migration" if revision.startswith("pre_migration") else revision


class Run:
    """The state of one run; ``side`` is a second, autocommit connection (None offline)."""

    def __init__(
        self,
        schemas: Schemas,
        *,
        allowed: dict[str, str] | None = None,
        reporter: Reporter | None = None,
        side: psycopg.Connection[Any] | None = None,
    ) -> None:
        self.schemas = schemas
        self.allowed = allowed or {}
        self.reporter = reporter or PlainReporter()
        self.side = side
        self.id = uuid.uuid4()
        self.revision = ""
        self.direction = "up"
        self._started = 0.0
        self._checks: list[tuple[Any, ...]] = []

    # -- the steps of Alembic -------------------------------------------------------------------------

    def wrap(
        self, steps: Callable[..., Iterable[Any]], *, offline: bool, going: str = ""
    ) -> Callable[..., Iterable[Any]]:
        """Alembic's step function with a beginning and an end around every revision.

        ``going``: "up" or "down" for a command that moves (nothing for stamp), also when there is no
        step to do: an interrupted revision is put right all the same.
        """

        def wrapped(heads: Any, context: Any) -> Iterator[Any]:
            if going:
                self._settle(heads, context, going)
            for step in steps(heads, context):
                if step.info.is_stamp:
                    yield step
                    continue
                self._begin(step, context, offline)
                yield step
                self._finish(step, context, offline)

        return wrapped

    def _settle(self, heads: Any, context: Any, going: str) -> None:
        """Before going the other way: undo what an interrupted run of one revision left half done.

        An upgrade that stopped inside revision r leaves parts of r above the recorded revision; going
        down must take them out first.  A rollback that stopped inside r leaves r recorded and incomplete;
        going up must complete it first.  Going on in the same direction repeats r anyway.
        """
        if self.side is None or not heads or not self._exists(render("@control@.journal", self.schemas)):
            return
        row = self.side.execute(
            render(
                "SELECT revision, direction, status FROM @control@.journal ORDER BY id DESC LIMIT 1",
                self.schemas,
            ).encode()
        ).fetchone()
        if row is None or row[2] == "completed" or row[1] == going:
            return
        script = context.environment_context.script.get_revision(row[0])
        expected = script.down_revision if row[1] == "up" else script.revision
        # legacy itself and the control revision are one transaction each: they are never half done.
        if script.revision in ("legacy", "pre_migration_control") or expected not in heads:
            return
        self.reporter.note(f"{row[0]} was interrupted on its way {row[1]}; putting that right first")
        self._prepare(script.revision, going, context)
        self._journal("started")
        with context.begin_transaction(_per_migration=True):
            (script.module.downgrade if going == "down" else script.module.upgrade)()
        self._journal("completed", seconds=time.monotonic() - self._started)

    def _prepare(self, revision: str, direction: str, context: Any) -> None:
        """Tell the server which revision runs; the control functions write it down."""
        self.revision, self.direction = revision, direction
        self._started = time.monotonic()
        context.connection.exec_driver_sql(
            self._settings(str(self.id)), execution_options={"no_parameters": True}
        )

    def _settings(self, run: str) -> str:
        return (
            f"SET kingston.revision = '{self.revision}';\nSET kingston.direction = '{self.direction}';\n"
            f"SET kingston.run = '{run}'"
        )

    def _begin(self, step: Any, context: Any, offline: bool) -> None:
        revision, direction = step.revision.revision, "up" if step.is_upgrade else "down"
        if offline:
            self.revision, self.direction = revision, direction
            context.impl.static_output(self._settings("script") + ";")
            return
        self._prepare(revision, direction, context)
        self.reporter.revision_started(revision, step.revision.doc or "", direction)
        self._journal("started")

    def _finish(self, step: Any, context: Any, offline: bool) -> None:
        seconds = time.monotonic() - self._started
        lower = step.revision.down_revision if self.direction == "down" else None
        if offline:
            if lower:
                context.impl.static_output(render(_leave_phase(lower), self.schemas))
            return
        rows = self._rows_moved()
        self._journal("completed", seconds=seconds, rows=rows)
        if self.side is not None and lower:
            self.side.execute(render(_leave_phase(lower), self.schemas).encode())
        self._tell_quarantine()
        self.reporter.revision_finished(self.revision, seconds, rows)
        self.revision = ""

    def failed(self, error: BaseException) -> None:
        """Leave a record of the revision that failed (its transaction is rolled back by now)."""
        if not self.revision:
            return
        seconds = time.monotonic() - self._started
        text = str(error).strip() or type(error).__name__
        with contextlib.suppress(psycopg.Error):
            self._journal("failed", seconds=seconds, error=text[:2000])
        self.reporter.revision_failed(self.revision, seconds, text)

    # -- records on the second connection -------------------------------------------------------------

    def _exists(self, name: str) -> bool:
        assert self.side is not None
        row = self.side.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
        return bool(row and row[0])

    def _journal(self, status: str, *, seconds: float = 0.0, rows: int = 0, error: str | None = None) -> None:
        if self.side is None or not self._exists(render("@control@.journal", self.schemas)):
            return
        self.side.execute(
            render(
                "SELECT @control@.record_run(%s, %s, %s, %s, %s, %s::numeric, %s, %s, %s::json)", self.schemas
            ).encode(),
            (
                self.id,
                self.revision,
                self.direction,
                phase_of(self.revision),
                status,
                seconds,
                rows,
                error,
                json.dumps({"os_user": _os_user(), "version": __version__, "pid": os.getpid()}),
            ),
        )

    def _rows_moved(self) -> int:
        if self.side is None or not self._exists(render("@control@.archive_entry", self.schemas)):
            return 0
        row = self.side.execute(
            render("SELECT @control@.rows_moved(%s, %s)", self.schemas).encode(),
            (str(self.id), self.revision),
        ).fetchone()
        return int(row[0]) if row and row[0] else 0

    def _tell_quarantine(self) -> None:
        """Rows that could not go back are never moved in silence (design section 7)."""
        if self.side is None or not self._exists(render("@control@.archive_entry", self.schemas)):
            return
        found = self.side.execute(
            render(
                "SELECT table_name, sum(rows_moved) FROM @control@.archive_entry"
                " WHERE run_id = %s AND revision = %s AND movement = 'quarantined' GROUP BY table_name ORDER BY 1",
                self.schemas,
            ).encode(),
            (str(self.id), self.revision),
        )
        for table, rows in found:
            command = "kingston archive list --quarantine"
            said = f"{rows} row{'' if rows == 1 else 's'} could not go back; {command}"
            self.reporter.finding(Told("quarantine", table, said, command))

    def record_check(self, phase: str, check: Any, outcome: str, found: str, reason: str | None) -> None:
        """Write the result of one gate check where the rollback of the revision cannot reach it."""
        assert self.side is not None
        self.side.execute(
            render(
                "INSERT INTO @control@.gate_result (run_id, phase, check_name, severity, outcome, found, reason)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                self.schemas,
            ).encode(),
            (self.id, phase, check.name, check.severity, outcome, found, reason),
        )

    @contextlib.contextmanager
    def watching(self, step: str) -> Iterator[None]:
        """Report the progress row of ``step`` twice a second while the block runs."""
        if self.side is None:
            yield
            return
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(step, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _watch(self, step: str, done: threading.Event) -> None:
        assert self.side is not None
        query = render("SELECT done, total FROM @control@.backfill_progress WHERE step = %s", self.schemas)
        last = None
        while not done.wait(0.5):
            try:
                row = self.side.execute(query.encode(), (step,)).fetchone()
            except psycopg.Error as error:
                self.reporter.note(f"progress of {step} cannot be read: {error}")
                return
            if row and row != last:
                last = row
                self.reporter.progress(step, int(row[0]), None if row[1] is None else int(row[1]))


def _leave_phase(lower: str) -> str:
    """After a downgrade: current_phase says where the database is now."""
    return (
        "DO $kingston$ BEGIN\n  IF to_regclass('@schema@.migration_control') IS NOT NULL THEN\n"
        f"    UPDATE @schema@.migration_control SET value = '{phase_of(lower)}', updated_at = clock_timestamp()\n"
        f"      WHERE setting = 'current_phase' AND value <> '{phase_of(lower)}';\n  END IF;\nEND $kingston$;"
    )


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
