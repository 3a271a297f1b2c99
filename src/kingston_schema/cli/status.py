"""kingston status"""

from __future__ import annotations

from rich.table import Table

from ..operations import status as operation
from ..wording import count
from .driver import Call, verb
from .render import Result, facts, moment, seconds, table


@verb
def status(call: Call) -> Result:
    """Show where the portal is: phase, revision, what was moved and archived, and what to type next."""
    report = operation.run(call.database(), call.portal)
    rows = [
        (
            p.name,
            _state(p),
            f"{p.applied}/{p.revisions}",
            moment(p.finished_at),
            seconds(p.seconds),
            f"{p.rows:,}",
        )
        for p in report.phases
    ]
    phases = table(("phase", "state", "revisions", "finished", "duration", "rows"), rows, right=(2, 4, 5))
    return Result(report, [_facts(report), "", phases, "", f"next: {report.next}"])


def _state(phase: operation.Phase) -> str:
    if phase.applied == phase.revisions:
        return "done"
    return "partly" if phase.applied else "pending"


def _facts(report: operation.Report) -> Table:
    archived = (
        f"{count(report.archived_objects, 'object')}, {count(report.archived_rows, 'row')}"
        if report.archived_objects
        else "empty"
    )
    if report.quarantined_rows:
        archived += (
            f", {report.quarantined_rows:,} of them in quarantine (kingston archive list --quarantine)"
        )
    pairs = [
        ("database", f"{report.database}, schema {report.schema} (PostgreSQL {report.server})"),
        ("phase", report.phase or "none: the schema is empty"),
        ("revision", f"{report.revision or 'none'}; head is {report.head}, {report.pending} pending"),
        ("tables", report.tables),
        ("rows migrated", f"{report.rows_migrated:,}"),
        ("archive", archived),
    ]
    last = report.last_run
    if last is not None:
        line = f"{last.direction} {last.revision} {last.status} {moment(last.started_at)}"
        pairs.append(("last run", f"{line}: {last.error.splitlines()[0]}" if last.error else line))
    return facts(pairs)
