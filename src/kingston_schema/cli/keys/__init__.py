"""kingston keys"""

from __future__ import annotations

import typer

from ..driver import Call, verb
from ..render import Result
from . import rotate, status, versions

group = typer.Typer(
    help="Keys of sensitive fields, outside the database; alone it says how they stand.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """Keys of sensitive fields, outside the database; alone it says how they stand."""
    return status.shown(call)


group.command(name="init")(versions.init)
group.command(name="status")(status.status)
group.command(name="add")(versions.add)
group.command(name="promote")(versions.promote)
group.command(name="rotate")(rotate.rotate)
group.command(name="retire")(versions.retire)
group.callback(invoke_without_command=True)(alone)
