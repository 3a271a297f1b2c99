"""kingston rollback"""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError
from ..operations import rollback as operation
from . import levels
from .driver import Call, verb
from .moving import Wishes, move
from .render import Result

# A relative target (-1) must not be read as an option.
SETTINGS = {"ignore_unknown_options": True}


@verb
def rollback(
    call: Call,
    target: Annotated[str, typer.Argument(help="Revision to go back to: phase_2, legacy, -1, …")] = "",
    level: Annotated[
        int,
        typer.Option(
            min=0,
            max=3,
            show_default=False,
            help="Instead of a revision: 1 features off, 2 rights on Phase 2 taken away, 3 a checkpoint restored.",
        ),
    ] = 0,
    undo: Annotated[
        bool, typer.Option("--undo", help="Levels 1 and 2: give back exactly what was taken.")
    ] = False,
    feature: Annotated[list[str] | None, typer.Option(help="Level 1: only this switch; repeatable.")] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(help="Level 2: only this role (default: all but the owners); repeatable."),
    ] = None,
    checkpoint: Annotated[
        str, typer.Option(metavar="NAME", help="Level 3: the proven checkpoint to restore.")
    ] = "",
    folder: Annotated[str, typer.Option("--in", help="Level 3: folder of the checkpoints.")] = "",
    reason: Annotated[str, typer.Option(help="Levels 1 and 2: why; recorded.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; with -v the SQL.")
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
    if level:
        asked = levels.Asked(
            undo, feature or [], role or [], checkpoint, folder, reason.strip(), yes, dry_run
        )
        return levels.level(call, level, target, asked)
    if not target:
        raise UsageError("back to which revision, or which --level?", fix="kingston rollback --help")
    url = call.database()
    planned = operation.plan(url, call.portal, target, allow or ())
    return move(call, operation, url, planned, Wishes(yes, dry_run, allow or [], "", with_checkpoint))
