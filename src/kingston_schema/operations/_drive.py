"""Driving Alembic in this process: what ``upgrade`` and ``rollback`` share."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from alembic import command
from alembic.util import CommandError

from .. import db
from ..catalog import history, portal
from ..ddl import allowances
from ..ddl.events import Reporter, Told
from ..ddl.sqltext import render
from ..errors import KingstonError, OutcomeUnknown, PartialError, UsageError
from ..settings import Schemas, history_folder, schemas

_OUR_SPELLING = ("-x allow=", "--allow ")  # of plain Alembic's argument


@dataclass(frozen=True)
class Plan:
    """The way from where the database is to where it shall be; ``direction`` is up or down.

    ``interrupted``: a revision that stopped half-way on its way in the other direction; the runner puts it
    right first, also when there is no step to do.
    """

    database: str
    schema: str
    direction: str
    before: str | None
    after: str | None
    steps: tuple[history.Step, ...]
    interrupted: str | None = None


@dataclass(frozen=True)
class Done:
    """One revision that was run."""

    revision: str
    title: str
    seconds: float
    rows: int


@dataclass(frozen=True)
class Report:
    """What a run did."""

    database: str
    schema: str
    direction: str
    before: str | None
    after: str | None
    revisions: tuple[Done, ...]
    seconds: float
    rows: int


def plan(url: str, schema: str | None, direction: str, target: str, allow: Sequence[str] = ()) -> Plan:
    """What would run; changes nothing.

    Raises UsageError for an unknown target or check, NotAPortal for anything but a portal or an empty schema.
    """
    names = schemas(schema)
    _known_checks(allow)
    if target[:1] not in "+-":
        history.target_position(target, None)  # a wrong name is said before any connection is made
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
        interrupted = _interrupted(connection, names, direction)
    way = history.way_up if direction == "up" else history.way_down
    steps = tuple(way(found.revision, target))
    after = found.revision
    if steps and direction == "up":
        after = steps[-1].revision
    elif steps:
        after = ("base", *history.names())[history.position(steps[-1].revision) - 1]
    return Plan(found.database, names.application, direction, found.revision, after, steps, interrupted)


def _known_checks(allow: Sequence[str]) -> None:
    try:
        allowances.parse(allow, history_folder())
    except UsageError as error:
        error.fix = error.fix.replace(*_OUR_SPELLING)
        raise


def _interrupted(connection: psycopg.Connection[Any], names: Schemas, direction: str) -> str | None:
    journal = render("@control@.journal", names)
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (journal,)).fetchone()
    if not (row and row[0]):
        return None
    last = connection.execute(
        f"SELECT revision, direction, status FROM {journal} ORDER BY id DESC LIMIT 1".encode()
    ).fetchone()
    return last[0] if last and last[2] != "completed" and last[1] != direction else None


def script(planned: Plan) -> str:
    """The SQL of ``planned``, as ``alembic --sql`` writes it."""
    if not planned.steps:
        return ""
    config = history.configuration()
    config.attributes["schema"] = planned.schema
    config.output_buffer = io.StringIO()
    move = command.upgrade if planned.direction == "up" else command.downgrade
    move(config, f"{planned.before or 'base'}:{planned.after}", sql=True)
    return config.output_buffer.getvalue()


def run(url: str, planned: Plan, reporter: Reporter, allow: Sequence[str] = ()) -> Report:
    """Run ``planned``.

    A failure before the first revision was done comes as it is; a later one as PartialError, which says what
    was done and how to go on.  OutcomeUnknown stays what it is.
    """
    recorder = _Recorder(reporter)
    config = history.configuration()
    config.stdout = io.StringIO()
    config.attributes["url"] = url
    config.attributes["schema"] = planned.schema
    config.attributes["reporter"] = recorder
    config.attributes["allow"] = list(allow)
    move = command.upgrade if planned.direction == "up" else command.downgrade
    started = time.monotonic()
    if (planned.steps or planned.interrupted) and planned.after:
        try:
            with db.plain_errors(url):
                move(config, planned.after)
        except (KeyboardInterrupt, CommandError) as error:
            raise _placed(error, planned, recorder) from error
    return Report(
        database=planned.database,
        schema=planned.schema,
        direction=planned.direction,
        before=planned.before,
        after=planned.after,
        revisions=tuple(recorder.done),
        seconds=round(time.monotonic() - started, 3),
        rows=sum(step.rows for step in recorder.done),
    )


def _placed(error: BaseException, planned: Plan, recorder: _Recorder) -> BaseException:
    """``error`` with its place in the run: how many revisions were done, and how to continue."""
    verb = "upgrade" if planned.direction == "up" else "rollback"
    again = f"kingston {verb} {planned.after}"
    if isinstance(error, OutcomeUnknown):
        return error
    if isinstance(error, KeyboardInterrupt):
        at = f" at {recorder.current}" if recorder.current else ""
        return PartialError(
            f"interrupted{at}; {len(recorder.done)} of {len(planned.steps)} revisions are done, the one that"
            " ran was rolled back or continues where it was",
            fix=again,
        )
    if not isinstance(error, KingstonError):
        error = UsageError(str(error))
    error.fix = error.fix.replace(*_OUR_SPELLING)
    if not recorder.done and not error.part_way:
        return error
    placed = PartialError(
        f"stopped at {recorder.current or 'the next revision'}; {len(recorder.done)} of {len(planned.steps)}"
        f" revisions are done\n{error.message}",
        fix=f"{error.fix}; then: {again}" if error.fix and again not in error.fix else again,
        obj=error.object,
    )
    placed.code = error.code
    return placed


class _Recorder:
    """Passes the story on to ``reporter`` and keeps what was done."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._title = ""
        self.current = ""
        self.done: list[Done] = []

    def revision_started(self, revision: str, title: str, direction: str) -> None:
        self.current, self._title = revision, title
        self._reporter.revision_started(revision, title, direction)

    def revision_finished(self, revision: str, seconds: float, rows: int) -> None:
        self.done.append(Done(revision, self._title, round(seconds, 3), rows))
        self.current = ""
        self._reporter.revision_finished(revision, seconds, rows)

    def revision_failed(self, revision: str, seconds: float, error: str) -> None:
        self._reporter.revision_failed(revision, seconds, error)

    def progress(self, what: str, done: int, total: int | None) -> None:
        self._reporter.progress(what, done, total)

    def note(self, text: str) -> None:
        self._reporter.note(text)

    def finding(self, found: Told) -> None:
        self._reporter.finding(found)
