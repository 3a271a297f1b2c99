"""kingston audit"""

from __future__ import annotations

import typer

from ..driver import Call, verb
from ..render import Result
from . import decrypts

group = typer.Typer(
    help="Read what was recorded: who read which secrets, and why.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """Read what was recorded: who read which secrets, and why."""
    return Result(None, [call.context.get_help() if call.context else ""])


group.command(name="decrypts")(decrypts.decrypts)
group.callback(invoke_without_command=True)(alone)
