"""kingston fingerprint"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from ..operations import fingerprint as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, table

Diff = Annotated[
    str,
    typer.Option("--diff", help="Compare with a revision: its id, head, or current.", metavar="REV"),
]
NOT_COMPARED = "owners and grants are this installation's own and not compared"


@verb
def fingerprint(call: Call, diff: Diff = "") -> Result:
    """Read what the schema is: one hash per object and one in all; with --diff, how it differs from a revision."""
    report = operation.run(call.database(), call.portal, against=diff or None)
    if report.against is None:
        rows = list(report.hashes.items())
        return Result(
            report,
            [table(("object", "hash"), rows), "", f"{count(len(rows), 'object')}, in all {report.total}"],
        )
    note = NOT_COMPARED
    if report.recorded != report.against:
        note = f"recorded is {report.recorded or 'no revision'}; {note}"
    if not report.differences:
        objects = count(len(report.hashes), "object")
        same = f"schema {report.schema} is revision {report.against}: {objects}, no difference ({note})"
        return Result(report, [same])
    lines: list[Text | str] = []
    for difference in report.differences:
        lines += [difference.message, *([Text(f"  next: {difference.fix}", "dim")] if difference.fix else [])]
    found = f"{count(len(report.differences), 'difference')} from revision {report.against} ({note})"
    findings = tuple(Finding(d.code, d.object, d.message, d.fix) for d in report.differences)
    return Result(report, [*lines, "", found], findings, 1)
