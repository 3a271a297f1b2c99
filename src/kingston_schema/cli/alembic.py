"""kingston alembic"""

from __future__ import annotations

from typing import Annotated

import typer

from ..operations import alembic as operation
from .driver import Call, verb
from .render import Result

# Everything that is not ours is Alembic's: options too.
SETTINGS = {"ignore_unknown_options": True}


@verb
def alembic(
    call: Call,
    arguments: Annotated[
        list[str], typer.Argument(help="As for alembic: upgrade head, current, history, downgrade -1 --sql …")
    ],
) -> Result:
    """Run plain Alembic on the revisions of this package; needs no checkout and no alembic.ini."""
    url = "" if "--sql" in arguments else call.database()
    given = [*arguments, "--verbose"] if call.verbose else arguments
    report = operation.run(given, url=url, schema=call.portal)
    return Result(report, [report.output.rstrip("\n")] if report.output else [])
