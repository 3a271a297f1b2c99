"""kingston history"""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import EXIT_FOUND, UsageError
from ..operations.history import listing
from ..operations.history import verify as verification
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, moment, seconds, table


@verb
def history(
    call: Call,
    limit: Annotated[int, typer.Option("--limit", min=0, help="So many entries, newest first; 0: all.")] = 20,
    steps: Annotated[bool, typer.Option("--steps", help="Also revisions and gates that went well.")] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute the chain; compare revision files.")
    ] = False,
    head: Annotated[str, typer.Option("--head", help="With --verify: a head hash noted before.")] = "",
) -> Result:
    """Show who did what to the portal, from where, and how it ended; --verify proves the record whole."""
    if head and not verify:
        raise UsageError("--head is compared by --verify", fix=f"kingston history --verify --head {head}")
    return _verified(call, head) if verify else _listed(call, limit, steps)


def _listed(call: Call, limit: int, steps: bool) -> Result:
    report = listing.run(call.database(), call.portal, limit=limit, steps=steps)
    if not report.entries:
        return Result(report, ["nothing has been recorded here yet"])
    rows = [
        (
            e.number, moment(e.started_at or e.ended_at), e.event, e.subject, e.outcome, seconds(e.seconds),
            f"{e.rows:,}" if e.rows else "", e.who, e.address or e.host, e.version,
        )
        for e in report.entries
    ]  # fmt: skip
    headings = ("event", "when", "what", "of", "outcome", "took", "rows", "who", "from", "version")
    why = [
        f"{e.number}: {e.detail.splitlines()[0]}"
        for e in report.entries
        if e.detail and e.outcome not in ("done", "passed")
    ]
    more = (
        [f"{count(report.hidden, 'entry', 'entries')} not shown: --steps, --limit 0"] if report.hidden else []
    )
    return Result(
        report, [table(headings, rows, right=(0, 5, 6)), "", *why, *more, _head(report.events, report.head)]
    )


def _verified(call: Call, head: str) -> Result:
    report = verification.run(call.database(), call.portal, head=head)
    findings = tuple(Finding(*told) for told in (*report.faults, *report.warnings))
    lines = [f"{told.message}\n  next: {told.fix}" for told in (*report.faults, *report.warnings)]
    if not report.faults and report.events:
        lines.append(f"whole: {count(report.events, 'event')}, each with the hash of the one before")
        if report.since_head is not None:
            lines.append(f"the hash noted before is in it, {count(report.since_head, 'event')} ago")
    if report.compared and not any(f.code.startswith("revision_edited") for f in findings):
        lines.append(f"{count(report.compared, 'file')} of applied revisions are as they were when they ran")
    if report.unknown:
        lines.append(f"not compared, because nobody noted their files: {', '.join(report.unknown)}")
    if not report.events and not report.faults:
        lines.append("nothing has been recorded here yet")
    return Result(
        report, [*lines, _head(report.events, report.head)], findings, EXIT_FOUND if report.faults else 0
    )


def _head(events: int, head: str | None) -> str:
    return f"head: {head} (event {events}); note it outside of the database" if head else "head: none"
