"""kingston archive restore"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ...operations.archive import restore as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Result, table


@verb
def restore(
    call: Call,
    name: Annotated[str, typer.Argument(help="One quarantine, or the table it belongs to.")] = "",
    key: Annotated[str, typer.Option("--key", help="Only the row with this key.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Try it, say what would go back and what not, undo it.")
    ] = False,
) -> Result:
    """Put back what is in quarantine and whose obstacle is gone; the rest stays, with its reason."""
    report = operation.run(
        call.database(), call.portal, name=name or None, key=key or None, dry_run=dry_run, story=call.say
    )
    view: list[Any] = []
    if report.items:
        rows = [
            (
                i.name,
                f"{i.returned:,}",
                f"{i.staying:,}",
                "; ".join(f"{r.text} ({r.rows:,})" for r in i.reasons),
            )
            for i in report.items
        ]
        went = "would go back" if dry_run else "went back"
        view += [
            table(("quarantine", went, "stay", "why they stay"), rows, right=(1, 2)),
            "",
            f"{count(report.returned, 'row')} {went}, {report.staying:,} stay in quarantine",
        ]
    else:
        view.append(f"nothing is in quarantine (schema {report.archive})")
    if name:
        view += [f"{r.name}: {r.command} brings back {count(r.rows, 'row')}" for r in report.resting]
    elif report.resting:
        rows_resting = sum(r.rows for r in report.resting)
        view.append(
            f"an upgrade, not this, brings back {count(rows_resting, 'row')} in {count(len(report.resting), 'archive')}"
        )
    return Result(report, view)
