"""What ``upgrade`` and ``rollback`` show and ask: checks, the plan, the question, a checkpoint, the progress, the proof."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from .. import db
from ..catalog import history
from ..errors import EXIT_FOUND
from ..operations import _readiness
from ..operations import plan as planning
from ..operations.verify import final
from ..wording import count
from . import readiness, verification
from .driver import Call
from .progress import BarReporter, reporter
from .render import Finding, Result, console, seconds, table


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for beside the target.  ``skip``: the reason for running despite failing checks."""

    yes: bool = False
    dry_run: bool = False
    allow: list[str] = field(default_factory=list)
    skip: str = ""
    checkpoint: bool = False


def move(call: Call, operation: ModuleType, url: str, planned: Any, wishes: Wishes) -> Result:
    """Check, show, ask, run, prove; ``operation`` is operations.upgrade or operations.rollback."""
    before = planned.before or "nothing"
    if not planned.steps and not planned.interrupted:
        return Result(planned, [f"nothing to do: the portal is at {before}"])
    ready = _readiness.ask(url, planned, checkpoint=wishes.checkpoint)
    timed = planning.run(url, planned.schema, planned.after) if planned.steps and planned.after else None
    if wishes.dry_run:
        return _dry(call, operation, planned, timed, ready)
    if ready.blocking and not wishes.skip:
        return readiness.refused(call, planned, ready)
    for outcome in (*ready.blocking, *ready.unknown):
        why = f" (skipped: {wishes.skip})" if outcome.state == "failed" else ""
        call.say(f"warning: {outcome.name}: {outcome.found}{why}")
    _ask(call, url, planned, timed, wishes)
    if wishes.checkpoint:
        readiness.checkpoint(call, url)
    try:
        with reporter(len(planned.steps), not call.no_color) as story:
            report = operation.run(url, planned, story, wishes.allow)
    finally:
        if ready.blocking:
            _readiness.record(url, planned.schema, ready.blocking, wishes.skip)
    findings = [Finding(*told) for told in story.findings]
    view: list[Any] = []
    if not isinstance(story, BarReporter):  # otherwise each revision has just been shown on the terminal
        rows = [
            (done.revision, seconds(done.seconds), f"{done.rows:,}" if done.rows else "")
            for done in report.revisions
        ]
        rows.append(("in all", seconds(report.seconds), f"{report.rows:,}"))
        view = [table(("revision", "duration", "rows"), rows, right=(1, 2)), ""]
    code, proof = 0, ""
    if report.direction == "up" and report.after == history.names()[-1]:
        proven = final.run(url, planned.schema)
        findings += verification.findings(proven)
        view += verification.view(proven)
        code, proof = (EXIT_FOUND, "kingston verify") if proven.failed else (0, "")
    return Result(report, [*view, _closing(report, proof)], findings, code)


def _ask(call: Call, url: str, planned: Any, timed: planning.Report | None, wishes: Wishes) -> None:
    word = "Upgrade" if planned.direction == "up" else "Roll back"
    what = count(len(planned.steps), "revision")
    if not planned.steps:
        what = f"{planned.interrupted} was interrupted and is put right"
    elif timed is not None:
        what += f", {_duration(timed)}"
    if timed is not None and not wishes.yes and sys.stdin.isatty():
        console(sys.stderr, not call.no_color).print(_listed(planned, timed))
    first = "Make and prove a checkpoint, then u" if wishes.checkpoint else ""
    word = f"{first}{word[1:]}" if first and planned.direction == "up" else word
    where = f"database {db.describe(url)}, schema {planned.schema}"
    call.confirm(
        f"{word} {where}, from {planned.before or 'nothing'} to {planned.after} ({what})?", wishes.yes
    )


def _listed(planned: Any, timed: planning.Report) -> Any:
    known = {revision.revision: revision for revision in timed.revisions}
    rows = [
        (s.revision, s.phase, s.title, _seconds(known.get(s.revision)), known[s.revision].measured if s.revision in known else "")
        for s in planned.steps
    ]  # fmt: skip
    return table(("revision", "phase", "does", "seconds", "measured"), rows, right=(3,))


def _seconds(revision: planning.Revision | None) -> str:
    return "?" if revision is None or revision.seconds is None else f"{revision.seconds:.2f}"


def _duration(timed: planning.Report) -> str:
    """What the plan says of time; nothing is made up where nobody has measured."""
    missing = len(timed.unmeasured)
    if missing == len(timed.revisions):
        return "not measured yet"
    rest = f", {missing} of them not measured" if missing else ""
    return f"{seconds(timed.seconds)} as measured{rest}"


def _dry(
    call: Call,
    operation: ModuleType,
    planned: Any,
    timed: planning.Report | None,
    ready: _readiness.Readiness,
) -> Result:
    view: list[Any] = [f"{planned.direction} from {planned.before or 'nothing'} to {planned.after}:"]
    if timed is not None:
        view += [_listed(planned, timed), "", f"{count(len(planned.steps), 'revision')}, {_duration(timed)}"]
    if ready.blocking:
        view += ["", "it would be refused:", *readiness.lines(ready)]
    return Result(planned, [*view, *([operation.script(planned)] if call.verbose else [])])


def _closing(report: Any, proof: str) -> str:
    verb = "upgraded" if report.direction == "up" else "rolled back"
    after = (
        "next: kingston status" if report.direction == "up" else "next: kingston archive shows what was kept"
    )
    after = f"and it is NOT as it should be; next: {proof}" if proof else after
    return f"{verb} from {report.before or 'nothing'} to {report.after}; {after}"
