"""kingston rollback"""

from __future__ import annotations

from typing import Annotated

import typer

from ..operations import rollback as operation
from .driver import Call, verb
from .moving import Wishes, move
from .render import Result

# A relative target (-1) must not be read as an option.
SETTINGS = {"ignore_unknown_options": True}


@verb
def rollback(
    call: Call,
    target: Annotated[str, typer.Argument(help="Revision to go back to: phase_2, legacy, -1, …")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only list what would run; with -v the SQL.")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", help="CHECK:reason; the reason is recorded.")
    ] = None,
    with_checkpoint: Annotated[
        bool,
        typer.Option("--with-checkpoint", help="First make a checkpoint and prove that it can be restored."),
    ] = False,
) -> Result:
    """Take the portal back to a revision; what has no place there is archived and comes back later."""
    url = call.database()
    planned = operation.plan(url, call.portal, target, allow or ())
    return move(call, operation, url, planned, Wishes(yes, dry_run, allow or [], "", with_checkpoint))
