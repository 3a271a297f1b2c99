"""kingston recover items"""

from __future__ import annotations

from typing import Annotated

import typer

from ...operations.recover import items as operation
from ...operations.recover.carrying import Report
from ..driver import Call, verb
from ..render import Result
from .carried import Shown, carried
from .options import DryRun, Reason, Yes


@verb
def items(
    call: Call,
    number: Annotated[int | None, typer.Option("--client", help="Only this client group's.")] = None,
    broken: Annotated[
        str, typer.Option("--broken", metavar="JSONPATH", help="Found by this instead of the rules of the type.")
    ] = "",
    remove: Annotated[bool, typer.Option("--remove", help="Take out what never was good.")] = False,
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Give broken information items their last good content; what was broken stays in the history."""

    def go(dry: bool, shown: Shown) -> Report:
        return operation.run(
            call.database(), call.portal, client=number, path=broken, remove=remove, reason=reason, dry_run=dry, shown=shown
        )

    return carried(call, go, "Restore the last good content of broken items", yes, dry_run)
