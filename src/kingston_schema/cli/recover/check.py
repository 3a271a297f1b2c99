"""kingston recover check"""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import EXIT_FOUND
from ...operations.recover import check as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Finding, Result
from .options import At, Client, moment_of


@verb
def check(
    call: Call,
    number: Client,
    at: At,
    checkpoint: Annotated[str, typer.Option("--checkpoint", help="Which one to start from.")],
    folder: Annotated[str, typer.Option("--in", help="Folder of the checkpoints.")] = "",
) -> Result:
    """Rebuild a client group's rows at a time from today and from a checkpoint; exit code 1 where they differ."""
    report = operation.run(
        call.database(), number, moment_of(at), checkpoint, call.portal, folder=folder or None, tell=call.say
    )
    findings = tuple(
        Finding("differs", "", text, f"kingston audit verify; kingston audit show --client {number}")
        for text in report.differences
    )
    view = [
        f"{count(report.rows, 'row')} of client group {number} rebuilt in two ways"
        f" (back from today; {report.way} from checkpoint {checkpoint})"
    ]
    if report.unseen:
        view.append(f"{count(report.unseen, 'row')} came after the checkpoint: known from today only")
    view += [*report.differences] or ["the same in every column"]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)
