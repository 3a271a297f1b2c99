"""kingston drift"""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import EXIT_FOUND
from ..operations import drift as operation
from .driver import Call, verb
from .formats import Format
from .render import Finding, Result

SHOWN = 30


@verb
def drift(
    call: Call,
    sql: Annotated[
        bool, typer.Option("--sql", help="The script that undoes it, and the one that repeats it.")
    ] = False,
    format: Format = "text",
) -> Result:
    """Show what changed since the last migration, object by object; with --sql the statements either way."""
    call.write_as(format)
    report = operation.run(call.database(), call.portal)
    where = f"schema {report.schema} beside revision {report.revision}"
    lines = [
        f"{where}: {len(report.ours)} differences in what the revision made, {len(report.theirs)} of the portal's own"
    ]
    for head, found in (("differences:", report.ours), ("the portal's own, harmless:", report.theirs)):
        if found:
            lines += ["", head, *(f"  {difference.message}" for difference in found[:SHOWN])]
            lines += [f"  … and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    if sql:
        lines += [
            "",
            "-- to undo it:",
            report.undo or "-- nothing",
            "-- to repeat it elsewhere:",
            report.again or "-- nothing",
        ]
    findings = tuple(Finding("drift", d.object, d.message, "kingston drift --sql") for d in report.ours)
    return Result(report, lines, findings, EXIT_FOUND if findings else 0)
