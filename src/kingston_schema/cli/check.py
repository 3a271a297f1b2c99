"""kingston check"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from ..errors import EXIT_FOUND
from ..operations import check as operation
from .driver import Call, verb
from .formats import Format
from .render import Finding, Result, table


@verb
def check(
    call: Call,
    stage: Annotated[str, typer.Argument(help="pre, post or go-live.")] = "pre",
    role: Annotated[str, typer.Option("--role", help="The application's role, to judge its rights.")] = "",
    folder: Annotated[str, typer.Option("--in", help="Folder of the checkpoints.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Show what passed, too, with its figures.")
    ] = False,
    format: Format = "text",
) -> Result:
    """Ask whether the portal is ready: before a migration, after it, and before it goes live."""
    call.write_as(format)
    report = operation.run(call.database(), call.portal, stage, role=role or None, folder=folder or None)
    shown = report.outcomes if everything else report.failed
    rows = [
        (
            "ok" if o.state == "passed" else f"{o.severity.upper()}{' ?' if o.state == 'unknown' else ''}",
            o.name,
            o.found,
        )
        for o in shown
    ]
    view: list[RenderableType] = [table(("", "check", "found"), rows)] if rows else []
    for outcome in report.failed:
        view += ["", f"{outcome.name}: needed is {outcome.needed}", f"  fix: {outcome.fix}"]
        if outcome.keys:
            view.append(f"  such as: {', '.join(outcome.keys[:8])}" + (" …" if len(outcome.keys) > 8 else ""))
    passed = sum(o.state == "passed" for o in report.outcomes)
    view += ["", f"{report.verdict}: {passed} of {len(report.outcomes)} passed, score {report.score} of 100"]
    findings = tuple(
        Finding(f"{o.severity}_{o.state}", o.name, f"{o.name}: {o.found}", o.fix) for o in report.failed
    )
    blocked = any(o.severity == "critical" for o in report.failed)
    names = tuple(o.name for o in report.outcomes if o.state == "passed")
    return Result(report, view, findings, EXIT_FOUND if blocked else 0, names)
