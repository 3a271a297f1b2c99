"""kingston upgrade"""

from __future__ import annotations

from typing import Annotated

import typer

from ..operations import upgrade as operation
from .driver import Call, verb
from .moving import Wishes, move
from .readiness import reason
from .render import Result


@verb
def upgrade(
    call: Call,
    target: Annotated[str, typer.Argument(help="Revision to reach: phase_3, head, +1, …")] = "head",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would run; with -v the SQL.")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CHECK:reason, a gate check that may fail; recorded.")
    ] = None,
    checkpoint: Annotated[
        bool, typer.Option("--checkpoint", help="First make a checkpoint and prove that it can be restored.")
    ] = False,
    skip_checks: Annotated[
        str | None,
        typer.Option("--skip-checks", metavar="REASON", help="Run though critical checks fail; recorded."),
    ] = None,
) -> Result:
    """Take the portal up to a revision: checks, plan, progress, proof; nothing to do when it is there already."""
    skip = reason(skip_checks)
    url = call.database()
    planned = operation.plan(url, call.portal, target, allow or ())
    return move(call, operation, url, planned, Wishes(yes, dry_run, allow or [], skip, checkpoint))
