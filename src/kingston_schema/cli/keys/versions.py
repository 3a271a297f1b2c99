"""kingston keys init, add, promote, retire"""

from __future__ import annotations

from typing import Annotated

import typer

from ... import db
from ...crypto.keyring import PURPOSES
from ...errors import UsageError
from ...operations.keys import init as making
from ...operations.keys import retire as ending
from ...operations.keys import state
from ...operations.keys import versions as operation
from ...wording import count
from ..driver import Call, verb
from ..render import Result
from .status import keys

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Purpose = Annotated[
    str, typer.Option("--purpose", help="Only this one: encryption or blind_index (default: both).")
]


@verb
def init(
    call: Call,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Register the keys of the ring that is there (after a restore).")
    ] = False,
    dry_run: DryRun = False,
) -> Result:
    """Make master key, key ring and the first keys of this portal; from then on fields are encrypted."""
    return _done(making.run(call.database(), call.portal, adopt=adopt, dry_run=dry_run))


@verb
def add(call: Call, purpose: Purpose = "", dry_run: DryRun = False) -> Result:
    """Add new key versions to the ring, not in use yet: copy the ring to every machine, then promote."""
    purposes = _purposes(purpose)
    return _done(operation.add(call.database(), call.portal, purposes=purposes, dry_run=dry_run))


@verb
def promote(call: Call, purpose: Purpose = "", dry_run: DryRun = False) -> Result:
    """Write with the new key versions from now on; the older ones still decrypt."""
    purposes = _purposes(purpose)
    return _done(operation.promote(call.database(), call.portal, purposes=purposes, dry_run=dry_run))


def _purposes(purpose: str) -> tuple[str, ...]:
    if purpose and purpose not in PURPOSES:
        raise UsageError(f'"{purpose}" is no purpose of a key', fix=f"--purpose {' or '.join(PURPOSES)}")
    return (purpose,) if purpose else PURPOSES


def _done(report: state.Report) -> Result:
    would = "would be done: " if report.dry_run else ""
    return Result(report, [*(f"{would}{line}" for line in report.did), "", *keys(report)])


@verb
def retire(
    call: Call,
    version: Annotated[int, typer.Argument(min=1, help="The version that ends.")],
    purpose: Annotated[str, typer.Option("--purpose", help="encryption or blind_index.")] = PURPOSES[0],
    leave_history: Annotated[
        str,
        typer.Option(
            "--leave-history", metavar="WHY", help="Although older lines of the history need it; recorded."
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: DryRun = False,
) -> Result:
    """End a key version; refused while a row, the history, an archive table or a checkpoint needs it."""
    (kind,) = _purposes(purpose or PURPOSES[0])
    if not dry_run:
        call.confirm(f"Retire {kind} key {version} of {db.describe(call.database())}?", yes)
    report = ending.run(
        call.database(), call.portal, purpose=kind, version=version, leave_history=leave_history, dry_run=dry_run
    )  # fmt: skip
    done = _done(report.state)
    left = [f"{n.place}: {count(n.values, 'value')} can no longer be read" for n in report.left]
    return Result(report, [*left, *done.view])
