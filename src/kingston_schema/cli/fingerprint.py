"""kingston fingerprint"""

from __future__ import annotations

from typing import Annotated

import typer

from ..operations import fingerprint as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, table

Diff = Annotated[
    str, typer.Option("--diff", help="Compare with what this revision should be.", metavar="REV")
]


@verb
def fingerprint(call: Call, diff: Diff = "") -> Result:
    """Read what the schema is: one hash per object and one in all; with --diff, how it differs from a revision."""
    report = operation.run(call.database(), call.portal, against=diff or None)
    if not diff:
        rows = list(report.hashes.items())
        return Result(
            report,
            [table(("object", "hash"), rows), "", f"{count(len(rows), 'object')}, in all {report.total}"],
        )
    if not report.differences:
        return Result(
            report,
            [
                f"schema {report.schema} is revision {diff}: {count(len(report.hashes), 'object')}, no difference"
            ],
        )
    findings = tuple(Finding("differs", line.split(": ")[1], line, "") for line in report.differences)
    lines = [*report.differences, "", f"{count(len(report.differences), 'difference')} from revision {diff}"]
    return Result(report, lines, findings, 1)
