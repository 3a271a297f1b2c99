"""kingston recover"""

from __future__ import annotations

import typer

from ..driver import Call, verb
from ..render import Result
from . import check, client, items, ownership, undo, verify

group = typer.Typer(
    help="Bring back one client group's rows as they were, from the row history.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """Bring back one client group's rows as they were, from the row history."""
    if call.context is not None:
        call.say(call.context.get_help())
    return Result(None)


group.command(name="client")(client.client)
group.command(name="undo")(undo.undo)
group.command(name="check")(check.check)
group.command(name="items")(items.items)
group.command(name="ownership")(ownership.ownership)
group.command(name="verify")(verify.verify)
group.callback(invoke_without_command=True)(alone)
