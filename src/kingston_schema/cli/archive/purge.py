"""kingston archive purge"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from ...operations.archive import purge as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Result, table


@verb
def purge(
    call: Call,
    name: Annotated[list[str] | None, typer.Argument(help="Tables of the archive, or of the portal.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="The whole archive.")] = False,
    older_than: Annotated[
        int | None, typer.Option("--older-than", metavar="DAYS", help="What has been there that long.")
    ] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Only what could not go back.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is recorded.")] = "",
    forced: Annotated[
        str,
        typer.Option(
            "--force-with-reason", metavar="WHY", help="Also what an upgrade would bring back; recorded."
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
) -> Result:
    """Delete from the archive for good; each purge is recorded (kingston archive list --purged)."""
    url = call.database()
    planned = operation.plan(
        url,
        call.portal,
        chosen=name or [],
        everything=everything,
        older_than=older_than,
        quarantine=quarantine,
    )
    over = [f"{other} is not ours and stays" for other in planned.passed_over]
    if not planned.parts:
        return Result(planned, [f"nothing to purge (schema {planned.archive})", *over])
    if dry_run:
        return Result(planned, [_listed(planned), "", _closing(planned, "would be purged"), *over])
    operation.judge(planned, forced)
    call.confirm(
        f"Purge {count(planned.rows, 'row')} of {count(len(planned.parts), 'table')} of schema {planned.archive} of database"
        f' "{planned.database}" for good?',
        yes,
    )
    done = operation.run(url, planned, reason=reason or None, forced=forced or None, story=call.say)
    return Result(done, [_listed(done), "", _closing(done, "purged"), *over])


def _listed(plan: operation.Plan) -> RenderableType:
    rows = [
        (p.name, p.kind, p.revision, f"{p.rows:,}", f"{p.waiting:,}" if p.waiting else "") for p in plan.parts
    ]
    return table(("archive", "kind", "by revision", "rows", "needed by an upgrade"), rows, right=(3, 4))


def _closing(plan: operation.Plan, word: str) -> str:
    return f"{count(plan.rows, 'row')} of {count(len(plan.parts), 'table')} {word}"
