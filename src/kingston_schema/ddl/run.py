"""One run of Alembic: what env.py opens around it.  Every revision and every step of it is written down."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from alembic.script import Script, ScriptDirectory

from ..errors import KingstonError
from . import around_revision, failing, revision_files, settling, verification
from .events import Reporter
from .failpoints import COMMIT, FailPoint
from .interrupted import interrupted
from .records import Current, Records
from .sqltext import render
from .watching import watching

Steps = Callable[..., Iterable[Any]]


class Run:
    """The state of one run; ``records``: what it writes down as it goes; ``allowed``: {check: reason}."""

    def __init__(self, records: Records, reporter: Reporter, allowed: dict[str, str] | None = None) -> None:
        self.schemas = records.names
        self.records = records
        self.reporter = reporter
        self.allowed = allowed or {}
        self.fail_point = FailPoint.from_environment()
        self.current: Current | None = None
        """The revision at work; None between two."""
        self.heads: tuple[str, ...] = ()
        """What the version table must hold when everything so far is true."""
        self.done = 0
        self.rows = 0

    # -- the steps of Alembic -------------------------------------------------------------------------

    def wrap(self, steps: Steps, *, going: str = "") -> Steps:
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
                if not step.info.is_stamp:
                    self._begin(step, context)
                yield step
                if not step.info.is_stamp:
                    self._finish(step)

        return wrapped

    def applied(self, *, ctx: Any, step: Any, **_: Any) -> None:
        """Alembic's callback at the end of a revision, inside its transaction, right before COMMIT."""
        if step.is_stamp:
            return
        if not step.is_upgrade and step.down_revision_ids:
            left = around_revision.leave_phase(step.down_revision_ids[0])
            _execute(ctx, render(left, self.schemas))
        self._fail(COMMIT, "before")

    def _announce(self) -> None:
        """Say who is at work, as soon as there is a table for that."""
        for stale in self.records.register.begin():
            self.reporter.note(f"the last runner ended without a word: {stale}")

    def _settle(self, heads: Any, context: Any, going: str) -> None:
        """Find out how the last run ended; before going the other way, undo what it left half done."""
        scripts = context.environment_context.script
        settled = settling.settle(self.records.journal, scripts, heads)
        for found in settled:
            self.reporter.note(f"{found.revision} {found.direction} had ended without a word: {found.how}")
        self.records.settled(settled)
        left = interrupted(self.records.journal, scripts, heads, going)
        if left is None:
            return
        script, way = left
        self.reporter.note(f"{script.revision} was interrupted on its way {way}; putting that right first")
        self._prepare(script, going, context)
        with context.begin_transaction(_per_migration=True):
            (script.module.downgrade if going == "down" else script.module.upgrade)()
            self._fail(COMMIT, "before")
        self._fail(COMMIT, "after")
        self._completed()
        self._fail(COMMIT, "acked")
        self.current = None

    def _prepare(self, script: Script, direction: str, context: Any) -> None:
        """Tell the server which revision runs; the control functions write it down."""
        self.current = Current(script.revision, direction)
        _execute(context, around_revision.settings(script.revision, direction, str(self.records.run)))
        self._announce()
        self.records.begun(self.current, revision_files.of(script, context.environment_context.script))

    def _begin(self, step: Any, context: Any) -> None:
        direction = "up" if step.is_upgrade else "down"
        self.reporter.revision_started(step.revision.revision, step.revision.doc or "", direction)
        self._prepare(step.revision, direction, context)

    def _completed(self) -> tuple[float, int]:
        """The revision has been committed: written down; seconds and rows."""
        assert self.current is not None
        seconds, rows = self.records.completed(self.current)
        self.rows += rows
        return seconds, rows

    def _finish(self, step: Any) -> None:
        revision, below = step.revision.revision, step.revision.down_revision
        self._fail(COMMIT, "after")
        seconds, rows = self._completed()
        self.heads = (revision,) if step.is_upgrade else (below,) if below else ()
        self.done += 1
        for found in self.records.quarantined(revision):
            self.reporter.finding(found)
        self.reporter.revision_finished(revision, seconds, rows)
        self._fail(COMMIT, "acked")
        self.current = None

    # -- the operations of one revision ---------------------------------------------------------------

    @contextlib.contextmanager
    def step(self, operation: str, arguments: list[str]) -> Iterator[None]:
        """Around one operation: intent before, acknowledgement after."""
        if self.current is None:
            yield
            return
        self.current.steps += 1
        number = self.current.open_step = self.current.steps
        self.records.journal.intend(number, operation, arguments)
        self._fail(number, "before")
        yield
        self._fail(number, "after")
        self.records.journal.acknowledge(number)
        self.current.open_step = None
        if self._wants(number, "acked"):
            self.records.journal.flush()
            self._fail(number, "acked")

    def watching(self, step: str) -> contextlib.AbstractContextManager[None]:
        """Report the progress row of ``step`` twice a second while the block runs."""
        return watching(self.records.side, self.schemas, self.reporter, step)

    def _wants(self, step: int | str, position: str) -> bool:
        return (
            self.fail_point is not None
            and self.current is not None
            and self.fail_point.at(self.current.revision, self.current.direction, step, position)
        )

    def _fail(self, step: int | str, position: str) -> None:
        if self._wants(step, position):
            assert self.fail_point is not None
            self.reporter.note(f"fail point reached: {self.fail_point.words}")
            self.fail_point.act(self.records.side, self.records.backend)

    # -- at the end -----------------------------------------------------------------------------------

    def verify(self, going: str) -> None:
        """Claim success only for what was looked at: version table and catalogue.

        Raises NotAsExpected (unless allowed with a reason) and OutcomeUnknown.
        """
        verdict = verification.verify(self.records.side, self.schemas, self.heads, going)
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
        allowed = f"; allowed ({reason}): {'; '.join(verdict.faults)}" if verdict.faults else ""
        self.records.register.end("verified", verdict.words + allowed)

    def failed(self, error: BaseException, scripts: ScriptDirectory) -> BaseException:
        """Leave a record of what failed; returns the error to raise (kingston_schema.ddl.failing)."""
        if isinstance(error, KingstonError):
            error.part_way = self.done > 0
        return failing.recorded(error, self.records, self.current, scripts, self.reporter)


def _execute(context: Any, text: str) -> None:
    """On the working session, as it is."""
    context.connection.exec_driver_sql(text, execution_options={"no_parameters": True})
