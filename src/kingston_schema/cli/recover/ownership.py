"""kingston recover ownership"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ...operations.recover import ownership as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Result
from .carried import closing, counts, view_of
from .options import DryRun, Reason, Yes


@verb
def ownership(
    call: Call,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Write all shares there as well.")
    ] = None,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Make the links say what the ownership documents say; list mismatches, keep shares aside."""
    planned = operation.run(call.database(), call.portal, keep=keep, reason=reason, dry_run=True)
    view: list[Any] = [*planned.mismatches, *view_of(planned.carried)]
    aside = f"{count(planned.shares, 'product')} with shares, which no link can hold; they stay in ownership_details"
    if dry_run or not (planned.carried.changes or keep):
        return Result(planned, [*view, aside, closing(planned.carried)])
    if not yes:
        for part in view:
            call.say(part)
    call.confirm(f"Give the links the owners of the documents ({counts(planned.carried)})?", yes)
    done = operation.run(call.database(), call.portal, keep=keep, reason=reason)
    kept = f"{aside}, and in {done.kept_in}" if done.kept_in else aside
    return Result(done, [*(view if yes else []), kept, closing(done.carried)])
