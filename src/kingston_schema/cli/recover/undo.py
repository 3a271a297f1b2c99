"""kingston recover undo"""

from __future__ import annotations

from typing import Annotated

import typer

from ...operations.recover import undo as operation
from ...operations.recover.carrying import Report
from ..driver import Call, verb
from ..render import Result
from .carried import Shown, carried
from .options import DryRun, Reason, Yes


@verb
def undo(
    call: Call,
    number: Annotated[str, typer.Argument(metavar="ID", help="The recovery, as it named itself.")],
    reason: Reason = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Take a recovery back; refused when one of its rows was changed since."""

    def go(dry: bool, shown: Shown) -> Report:
        return operation.run(call.database(), number, call.portal, reason=reason, dry_run=dry, shown=shown)

    return carried(call, go, f"Take recovery {number} back", yes, dry_run)
