"""kingston doctor"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from ..errors import EXIT_FOUND
from ..operations.doctor import run as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result


@verb
def doctor(
    call: Call,
    fix: Annotated[bool, typer.Option("--fix", help="Put right what can be, each repair on record.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what --fix would do.")] = False,
) -> Result:
    """Find what a crash or a person left behind, and with --fix put it right."""
    url = call.database()
    seen = operation.run(url, call.portal)
    curable = sum(bool(found.remedy) for found in seen.found)
    if not fix or dry_run or not curable:
        return _result(seen)
    call.confirm(f'Put {count(curable, "thing")} right in database "{seen.database}"?', yes)
    return _result(operation.run(url, call.portal, fix=True, story=call.say))


def _result(report: operation.Report) -> Result:
    where = f"schema {report.schema} at {report.revision}"
    lines: list[RenderableType] = []
    if report.repaired:
        lines.append(f"{count(len(report.repaired), 'thing')} put right in {where}")
    if not report.left:
        lines.append(f"nothing is wrong with {where}")
    else:
        head = "left" if report.repaired else "found"
        lines.append(f"{count(len(report.left), 'thing')} {head} in {where}:")
    for found in report.left:
        lines.append(f"  {found.message}")
        lines.append(f"    --fix: {found.remedy}" if found.remedy else f"    next: {found.fix}")
    findings = tuple(Finding(f.code, f.object, f.message, f.fix) for f in report.left)
    return Result(report, lines, findings, EXIT_FOUND if findings else 0)
