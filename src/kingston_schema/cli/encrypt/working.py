"""kingston encrypt run, decoy"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ... import db
from ...crypto.batches import SIZE
from ...errors import EXIT_FOUND, EXIT_PARTIAL
from ...operations.encrypt import decoy as marking
from ...operations.encrypt import run as operation
from ...wording import count
from ..driver import Call, verb
from ..keys.rotate import broken, moved
from ..render import Finding, Result, seconds
from .looking import elsewhere, listed

OFF = "encryption_enabled is false: processes without a key go on writing values as they are"
ON = "UPDATE migration_control SET value = 'true' WHERE setting = 'encryption_enabled'"


@verb
def run(
    call: Call,
    batch: Annotated[int, typer.Option("--batch", min=1, max=10000, help="Rows of one transaction.")] = SIZE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what can be read.")] = False,
) -> Result:
    """Encrypt what is stored in plain, while the portal is in use; stopped anywhere, run it again."""
    if not dry_run:
        call.confirm(
            f"Encrypt the sensitive fields of {db.describe(call.database())}? Only the key brings them back.",
            yes,
        )
    report = operation.run(call.database(), call.portal, size=batch, dry_run=dry_run, tell=call.say)
    left = sum(d.left for d in report.fields)
    view: list[Any] = [moved(report.fields, dry_run), ""]
    if dry_run:
        view.append(f"{count(left, 'value')} would be encrypted under key {report.key}")
        return Result(report, [*view, *elsewhere(report.places)])
    total = sum(d.rewritten for d in report.fields)
    view.append(f"{count(total, 'value')} encrypted under key {report.key} in {seconds(report.seconds)}")
    findings = broken(report.fields) + listed(report.places)
    if not report.enabled:
        findings += (Finding("encryption_off", "migration_control", OFF, ON),)
        view.append(OFF)
    if left:
        findings += (
            Finding(
                "left",
                "",
                f"{count(left, 'value')} were locked by others all the time",
                "kingston encrypt run",
            ),
        )
    view += elsewhere(report.places)
    view.append(
        "backups, WAL and replicas from before still hold the values: see the page on the threat model"
    )
    return Result(report, view, findings, EXIT_PARTIAL if left else EXIT_FOUND if findings else 0)


@verb
def decoy(
    call: Call,
    value: Annotated[str, typer.Argument(help="product_owners/7/notes")],
    undo: Annotated[bool, typer.Option("--undo", help="An ordinary value again.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,
) -> Result:
    """Mark one value as a decoy: whoever reads it gets it, and sets off an alarm."""
    report = marking.run(call.database(), call.portal, value=value, undo=undo, dry_run=dry_run)
    word = "would be" if dry_run else "is"
    what = "a decoy" if report.decoy else "an ordinary value"
    again = "" if report.changed else " (it was already)"
    return Result(report, [f"{report.field} of row {report.row} {word} {what}{again}"])
