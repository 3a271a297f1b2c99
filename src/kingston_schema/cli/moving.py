"""What ``upgrade`` and ``rollback`` show and ask: the plan, the question, the progress, the summary."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from .. import db
from ..wording import count
from .driver import Call
from .progress import BarReporter, reporter
from .render import Finding, Result, seconds, table


def move(
    call: Call, operation: ModuleType, url: str, planned: Any, *, yes: bool, dry_run: bool, allow: list[str]
) -> Result:
    """Show, ask, run; ``operation`` is operations.upgrade or operations.rollback."""
    before = planned.before or "nothing"
    if not planned.steps and not planned.interrupted:
        return Result(planned, [f"nothing to do: the portal is at {before}"])
    if dry_run:
        listed = table(("revision", "phase", "does"), [(s.revision, s.phase, s.title) for s in planned.steps])
        sql = [operation.script(planned)] if call.verbose else []
        return Result(planned, [f"{planned.direction} from {before} to {planned.after}:", listed, *sql])
    word = "Upgrade" if planned.direction == "up" else "Roll back"
    what = count(len(planned.steps), "revision")
    if not planned.steps:
        what = f"{planned.interrupted} was interrupted and is put right"
    where = f"database {db.describe(url)}, schema {planned.schema}"
    call.confirm(f"{word} {where}, from {before} to {planned.after} ({what})?", yes)
    with reporter(len(planned.steps), not call.no_color) as story:
        report = operation.run(url, planned, story, allow)
    findings = [Finding(*told) for told in story.findings]
    if isinstance(story, BarReporter):  # each revision has just been shown on the terminal
        return Result(report, [_closing(report)], findings)
    rows = [
        (done.revision, seconds(done.seconds), f"{done.rows:,}" if done.rows else "")
        for done in report.revisions
    ]
    rows.append(("in all", seconds(report.seconds), f"{report.rows:,}"))
    view: list[Any] = [table(("revision", "duration", "rows"), rows, right=(1, 2)), "", _closing(report)]
    return Result(report, view, findings)


def _closing(report: Any) -> str:
    verb = "upgraded" if report.direction == "up" else "rolled back"
    after = (
        "next: kingston status" if report.direction == "up" else "next: kingston archive shows what was kept"
    )
    return f"{verb} from {report.before or 'nothing'} to {report.after}; {after}"
