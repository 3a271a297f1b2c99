"""kingston archive"""

from __future__ import annotations

from typing import Annotated

import typer

from ..operations import archive as operation
from .driver import Call, verb
from .render import Result, moment, table

Quarantine = Annotated[
    bool, typer.Option("--quarantine", help="Only rows and values that could not go back.")
]

group = typer.Typer(
    help="What rollbacks keep: list it (kingston archive alone does the same).",
    rich_markup_mode=None,
    invoke_without_command=True,
)


def _listed(call: Call, quarantine: bool) -> Result:
    report = operation.run(call.database(), call.portal, quarantine=quarantine)
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
    total = f"{report.rows:,} rows in {len(report.items)} tables of schema {report.archive}"
    return Result(
        report, [table(headings, rows, right=(4, 5)), "", f"{total}, {report.quarantined:,} in quarantine"]
    )


@verb
def listing(call: Call, quarantine: Quarantine = False) -> Result:
    """List what is archived: from which rollback, how many rows, what is in quarantine and why."""
    return _listed(call, quarantine)


@verb
def alone(call: Call, quarantine: Quarantine = False) -> Result:
    """List what rollbacks keep: from which rollback, how many rows, what is in quarantine and why."""
    return _listed(call, quarantine)


group.command(name="list")(listing)
group.callback(invoke_without_command=True)(alone)
