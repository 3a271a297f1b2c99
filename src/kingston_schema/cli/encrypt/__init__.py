"""kingston encrypt"""

from __future__ import annotations

import typer

from ..driver import Call, verb
from ..render import Result
from . import looking, working

group = typer.Typer(
    help="Sensitive fields: what is encrypted, bring the rest, prove it; alone it says how things stand.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """Sensitive fields: what is encrypted, bring the rest, prove it; alone it says how things stand."""
    return looking.standing(call)


group.command(name="status")(looking.status)
group.command(name="run")(working.run)
group.command(name="verify")(looking.verify)
group.command(name="decoy")(working.decoy)
group.callback(invoke_without_command=True)(alone)
