"""kingston archive list"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from ...operations.archive import listing as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Result, moment, table

Quarantine = Annotated[
    bool, typer.Option("--quarantine", help="Only rows and values that could not go back.")
]
Purged = Annotated[bool, typer.Option("--purged", help="What was purged: when, by whom, why.")]


def _listed(call: Call, quarantine: bool, purged: bool) -> Result:
    report = operation.run(call.database(), call.portal, quarantine=quarantine, purged=purged)
    if purged:
        return Result(report, _purges(report))
    if not report.items:
        what = "nothing is in quarantine" if quarantine else "the archive is empty"
        return Result(report, [f"{what} (schema {report.archive})"])
    rows = [
        (
            i.name,
            i.kind,
            i.revision,
            moment(i.archived_at),
            f"{i.rows:,}",
            f"{i.quarantined:,}",
            "; ".join(i.reasons),
        )
        for i in report.items
    ]
    headings = ("archived", "kind", "by revision", "when", "rows", "quarantine", "reasons")
    total = f"{count(report.rows, 'row')} in {count(len(report.items), 'table')} of schema {report.archive}"
    return Result(
        report, [table(headings, rows, right=(4, 5)), "", f"{total}, {report.quarantined:,} in quarantine"]
    )


def _purges(report: operation.Report) -> list[RenderableType]:
    if not report.purges:
        return [f"nothing was ever purged (schema {report.archive})"]
    rows = [
        (p.name, p.revision, f"{p.rows:,}", moment(p.purged_at), p.actor, p.reason) for p in report.purges
    ]
    return [table(("purged", "by revision", "rows", "when", "who", "reason"), rows, right=(2,))]


@verb
def listing(call: Call, quarantine: Quarantine = False, purged: Purged = False) -> Result:
    """List what is archived: from which rollback, how many rows, what is in quarantine and why."""
    return _listed(call, quarantine, purged)


@verb
def alone(call: Call, quarantine: Quarantine = False, purged: Purged = False) -> Result:
    """List what rollbacks keep: from which rollback, how many rows, what is in quarantine and why."""
    return _listed(call, quarantine, purged)
