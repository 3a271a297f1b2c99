"""kingston recover client"""

from __future__ import annotations

from typing import Annotated

import typer

from ...operations.recover import client as operation
from ...operations.recover.carrying import Report
from ..driver import Call, verb
from ..render import Result
from .carried import Shown, carried
from .options import At, Client, DryRun, Reason, Yes, moment_of


@verb
def client(
    call: Call,
    number: Client,
    at: At,
    tables: Annotated[str, typer.Option("--tables", metavar="A,B", help="Only rows of these.")] = "",
    reason: Reason = "",
    lose_secrets: Annotated[
        bool, typer.Option("--lose-secrets", help="Also overwrite secrets that no undo could bring back.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> Result:
    """Show the difference to a time, ask, and write it in one transaction; nobody else's row changes."""
    moment = moment_of(at)
    wanted = [name.strip() for name in tables.split(",") if name.strip()]

    def go(dry: bool, shown: Shown) -> Report:
        return operation.run(
            call.database(), number, moment, call.portal, tables=wanted, reason=reason,
            lose_secrets=lose_secrets, dry_run=dry, shown=shown,
        )  # fmt: skip

    return carried(call, go, f"Bring client group {number} back to {moment:%Y-%m-%d %H:%M:%S}", yes, dry_run)
