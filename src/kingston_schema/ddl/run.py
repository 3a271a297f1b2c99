"""One run of Alembic: what env.py opens around it.  Every revision and every step of it is written down."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg

from ..errors import GateFailed, KingstonError, OutcomeUnknown, PartialError
from ..settings import Schemas
from ..wording import count
from . import revision_files, settling, verification
from .attempts import ATTEMPT
from .event_log import WRITER, EventLog
from .events import PlainReporter, Reporter, Told
from .failpoints import COMMIT, FailPoint
from .journal import Journal, phase_of
from .runner import Register
from .sqltext import literal, render
from .watching import watching

SESSION = {
    "lock_timeout": ATTEMPT,
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "10min",
    "client_connection_check_interval": "500ms",
}
# Made in one transaction each: never half done.
WHOLE = ("legacy", "pre_migration_control")


class Run:
    """The state of one run; ``side`` is a second, autocommit connection (None offline), ``backend`` the working session."""

    def __init__(
        self,
        schemas: Schemas,
        *,
        allowed: dict[str, str] | None = None,
        reporter: Reporter | None = None,
        side: psycopg.Connection[Any] | None = None,
        backend: int = 0,
    ) -> None:
        self.schemas = schemas
        self.allowed = allowed or {}
        self.reporter = reporter or PlainReporter()
        self.side = side
        self.backend = backend
        self.id = uuid.uuid4()
        self.journal = Journal(side, schemas, self.id, backend) if side is not None else None
        self.fail_point = FailPoint.from_environment() if side is not None else None
        self.revision = ""
        self.direction = "up"
        self.heads: tuple[str, ...] = ()
        """What the version table must hold when everything so far is true."""
        self.register: Register | None = None
        self.events: EventLog | None = None
        self.done = 0
        self.rows = 0
        self._step = 0
        self._failed_step: int | None = None
        self._started = 0.0

    # -- the steps of Alembic -------------------------------------------------------------------------

    def wrap(
        self, steps: Callable[..., Iterable[Any]], *, offline: bool, going: str = ""
    ) -> Callable[..., Iterable[Any]]:
        """Alembic's step function with a beginning and an end around every revision.

        ``going``: "up" or "down" for a command that moves (nothing for stamp), also when there is no
        step to do: an interrupted revision is put right all the same.
        """

        def wrapped(heads: Any, context: Any) -> Iterator[Any]:
            self.heads = tuple(heads)
            if self.fail_point is not None:
                self.reporter.note(
                    f"KINGSTON_FAIL_AT is set: this run ends itself at {self.fail_point.words}"
                )
            self._announce()
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
        """Find out how the last run ended; before going the other way, undo what it left half done.

        An upgrade that stopped inside revision r leaves parts of r above the recorded revision; going
        down must take them out first.  A rollback that stopped inside r leaves r recorded and incomplete;
        going up must complete it first.  Going on in the same direction repeats r anyway.
        """
        if self.journal is None or not self.journal.there:
            return
        scripts = context.environment_context.script
        settled = settling.settle(self.journal, scripts, heads)
        for found in settled:
            self.reporter.note(f"{found.revision} {found.direction} had ended without a word: {found.how}")
        self._log_settled(settled)
        row = self.journal.execute(
            "SELECT revision, direction, status FROM @control@.journal ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if not heads or row is None or row[2] == "completed" or row[1] == going:
            return
        script = scripts.get_revision(row[0])
        expected = script.down_revision if row[1] == "up" else script.revision
        if script.revision in WHOLE or expected not in heads:
            return
        self.reporter.note(f"{row[0]} was interrupted on its way {row[1]}; putting that right first")
        self._prepare(script, going, context)
        with context.begin_transaction(_per_migration=True):
            (script.module.downgrade if going == "down" else script.module.upgrade)()
            self._fail(COMMIT, "before")
        self._fail(COMMIT, "after")
        self._completed()
        self._fail(COMMIT, "acked")
        self.revision = ""

    def _completed(self) -> tuple[float, int]:
        """The revision has been committed: written down; seconds and rows."""
        seconds = time.monotonic() - self._started
        rows = self.journal.completed(seconds) if self.journal is not None else 0
        self.rows += rows
        self._log("ended", self.direction, self.revision, outcome="done", seconds=seconds, rows=rows)
        return seconds, rows

    def _log(self, stage: str, event: str, subject: str, **fields: Any) -> None:
        if self.events is not None:
            self.events.write(stage, event, subject, **fields)

    def _log_settled(self, settled: Iterable[settling.Settled]) -> None:
        for found in settled:
            self._log(
                "noted",
                "settled",
                f"{found.direction} {found.revision}",
                outcome=found.status,
                detail=found.how,
            )

    def _announce(self) -> None:
        """Say who is at work, as soon as there is a table for that."""
        if self.register is not None:
            for stale in self.register.begin():
                self.reporter.note(f"the last runner ended without a word: {stale}")

    def _prepare(self, script: Any, direction: str, context: Any) -> None:
        """Tell the server which revision runs; the control functions write it down."""
        self.revision, self.direction = script.revision, direction
        self._step, self._failed_step = 0, None
        self._started = time.monotonic()
        context.connection.exec_driver_sql(
            self._settings(str(self.id)), execution_options={"no_parameters": True}
        )
        self._announce()
        if self.journal is not None:
            self.journal.started(self.revision, direction)
        self._log("begun", direction, self.revision, revision=self.revision, files=_files(script, context))

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
        self.reporter.revision_started(revision, step.revision.doc or "", direction)
        self._prepare(step.revision, direction, context)

    def applied(self, *, ctx: Any, step: Any, **_: Any) -> None:
        """Alembic's callback at the end of a revision, inside its transaction, right before COMMIT."""
        if step.is_stamp:
            return
        if ctx.as_sql:
            ctx.impl.static_output(render(_scripted(step, ctx), self.schemas))
        below = step.down_revision_ids[0] if step.down_revision_ids else None
        if not step.is_upgrade and below:
            text = render(_leave_phase(below), self.schemas)
            if ctx.as_sql:
                ctx.impl.static_output(text)
            else:
                ctx.connection.exec_driver_sql(text, execution_options={"no_parameters": True})
        self._fail(COMMIT, "before")

    def _finish(self, step: Any, context: Any, offline: bool) -> None:
        if offline:
            return
        self._fail(COMMIT, "after")
        seconds, rows = self._completed()
        below = step.revision.down_revision
        self.heads = (step.revision.revision,) if self.direction == "up" else (below,) if below else ()
        self.done += 1
        self._tell_quarantine()
        self.reporter.revision_finished(self.revision, seconds, rows)
        self._fail(COMMIT, "acked")
        self.revision = ""

    # -- the operations of one revision ---------------------------------------------------------------

    @contextlib.contextmanager
    def step(self, operation: str, arguments: list[str]) -> Iterator[None]:
        """Around one operation: intent before, acknowledgement after."""
        if self.journal is None or not self.revision:
            yield
            return
        self._step += 1
        number = self._failed_step = self._step
        self.journal.intend(number, operation, arguments)
        self._fail(number, "before")
        yield
        self._fail(number, "after")
        self.journal.acknowledge(number)
        self._failed_step = None
        if self._wants(number, "acked"):
            self.journal.flush()
            self._fail(number, "acked")

    def _wants(self, step: int | str, position: str) -> bool:
        return self.fail_point is not None and self.fail_point.at(
            self.revision, self.direction, step, position
        )

    def _fail(self, step: int | str, position: str) -> None:
        if self._wants(step, position):
            assert self.fail_point is not None
            assert self.side is not None
            self.reporter.note(f"fail point reached: {self.fail_point.words}")
            self.fail_point.act(self.side, self.backend)

    # -- at the end -----------------------------------------------------------------------------------

    def verify(self, going: str) -> None:
        """Claim success only for what was looked at: version table and catalogue.

        Raises NotAsExpected (unless allowed with a reason) and OutcomeUnknown.
        """
        assert self.side is not None
        verdict = verification.verify(self.side, self.schemas, self.heads, going)
        reason = self.allowed.get(verification.ALLOWANCE)
        if reason is None:
            verification.refuse(verdict)
        for fault in verdict.faults:
            self.reporter.note(f"allowed: {fault} ({reason})")
        if verdict.beside:
            more = f" and {len(verdict.beside) - 3} more" if len(verdict.beside) > 3 else ""
            self.reporter.note(f"the portal's own, left alone: {'; '.join(verdict.beside[:3])}{more}")
        if not self.done:
            self.reporter.note(f"already at {verdict.head}, nothing to do")
        if self.register is not None:
            allowed = f"; allowed ({reason}): {'; '.join(verdict.faults)}" if verdict.faults else ""
            self.register.end("verified", verdict.words + allowed)

    # -- when it goes wrong ---------------------------------------------------------------------------

    def failed(self, error: BaseException, script: Any) -> BaseException:
        """Leave a record of the revision that failed (its transaction is rolled back by now).

        Returns the error to raise: where the connection was lost, what could be found out about it.
        """
        if isinstance(error, KingstonError):
            error.part_way = self.done > 0
        with contextlib.suppress(psycopg.Error):
            if not self.revision and self.register is not None:
                self.register.end("failed", str(error))
        if not self.revision or self.journal is None:
            return error
        seconds = time.monotonic() - self._started
        text = (str(error).strip() or type(error).__name__)[:2000]
        with contextlib.suppress(psycopg.Error):
            if isinstance(error, OutcomeUnknown):
                self.journal.unknown(seconds, text)
                error = self._find_out(error, script)
            else:
                self.journal.failed(seconds, text, self._failed_step)
                settling.settle_steps(self.journal, self.id, self.revision, self.direction)
                # A gate that refuses leaves only the functions that its queries to look closer need.
                if isinstance(error, KingstonError) and not isinstance(error, GateFailed):
                    error.part_way = error.part_way or self.journal.changed()
            unknown = isinstance(error, OutcomeUnknown)
            self._log("ended", self.direction, self.revision, outcome="unknown" if unknown else "failed",
                      seconds=seconds, detail=text)  # fmt: skip
            if self.register is not None:
                self.register.end("unknown" if unknown else "failed", text)
        self.reporter.revision_failed(self.revision, seconds, text)
        return error

    def _find_out(self, error: OutcomeUnknown, script: Any) -> KingstonError:
        """The working connection was lost, the second one was not: wait for the session to end, then look."""
        assert self.journal is not None
        until = time.monotonic() + 10
        while self.journal.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid = %s", (self.backend,)
        ).fetchone():
            if time.monotonic() > until:
                return error
            time.sleep(0.05)
        heads = [row[0] for row in self.journal.execute("SELECT version_num FROM @schema@.alembic_version")]
        found = settling.settle(self.journal, script, heads)
        self._log_settled(found)
        if not found or found[-1].status == "unknown":
            return error
        return PartialError(
            f"{error.message}\n  {found[-1].revision} {found[-1].direction}: {found[-1].how}",
            fix="run the same command again; it goes on from there",
            obj=found[-1].revision,
        )

    # -- records on the second connection -------------------------------------------------------------

    def _tell_quarantine(self) -> None:
        """Rows that could not go back are never moved in silence (design section 7)."""
        if self.journal is None or not self.journal.there:
            return
        found = self.journal.execute(
            "SELECT table_name, sum(rows_moved) FROM @control@.archive_entry"
            " WHERE run_id = %s AND revision = %s AND movement = 'quarantined' GROUP BY table_name ORDER BY 1",
            (str(self.id), self.revision),
        )
        for table, rows in found:
            command = f"kingston archive list --quarantine{self.schemas.option}"
            said = f"{count(rows, 'row')} could not go back; {command}"
            self.reporter.finding(Told("quarantine", table, said, command))

    def record_check(self, phase: str, check: Any, outcome: str, found: str, reason: str | None) -> None:
        """Write the result of one gate check where the rollback of the revision cannot reach it."""
        assert self.journal is not None
        self.journal.execute(
            "INSERT INTO @control@.gate_result (run_id, phase, check_name, severity, outcome, found, reason)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (self.id, phase, check.name, check.severity, outcome, found, reason),
        )

    def record_gate(self, phase: str, outcome: str, counts: str) -> None:
        """What a gate as a whole came to, for the event log; each check stands in gate_result."""
        self._log("noted", "gate", phase, outcome=outcome, detail=counts)

    def watching(self, step: str) -> contextlib.AbstractContextManager[None]:
        """Report the progress row of ``step`` twice a second while the block runs."""
        if self.side is None:
            return contextlib.nullcontext()
        return watching(self.side, self.schemas, self.reporter, step)


def _files(script: Any, context: Any) -> dict[str, str]:
    """The texts of a revision with their hashes."""
    return revision_files.hashes(Path(context.environment_context.script.dir), Path(script.path))


def _scripted(step: Any, context: Any) -> str:
    """The event that a script writes at the end of a revision, where there is a log by then."""
    direction, revision = "up" if step.is_upgrade else "down", step.up_revision_id
    script = context.environment_context.script.get_revision(revision)
    fields = {
        "outcome": "done",
        "revision": revision,
        "detail": "by a script",
        "files": _files(script, context),
    }
    return (
        f"DO $kingston$ BEGIN\n  IF to_regprocedure('@control@.{WRITER}') IS NOT NULL THEN\n"
        f"    PERFORM @control@.log_event(gen_random_uuid(), 'ended', '{direction}', '{revision}',"
        f" {literal(json.dumps(fields))});\n"
        "  END IF;\nEND $kingston$;"
    )


def _leave_phase(lower: str) -> str:
    """After a downgrade: current_phase says where the database is now."""
    return (
        "DO $kingston$ BEGIN\n  IF to_regclass('@schema@.migration_control') IS NOT NULL THEN\n"
        f"    UPDATE @schema@.migration_control SET value = '{phase_of(lower)}', updated_at = clock_timestamp()\n"
        f"      WHERE setting = 'current_phase' AND value <> '{phase_of(lower)}';\n  END IF;\nEND $kingston$;"
    )
