"""kingston keys rotate"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import RenderableType

from ...crypto.batches import SIZE
from ...errors import EXIT_FOUND, EXIT_PARTIAL
from ...operations._rewriting import Done
from ...operations.keys import rotate as operation
from ..driver import Call, verb
from ..render import Finding, Result, seconds, table


@verb
def rotate(
    call: Call,
    batch: Annotated[int, typer.Option("--batch", min=1, max=10000, help="Rows of one transaction.")] = SIZE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what is under older keys.")] = False,
) -> Result:
    """Bring all values under the active keys while the portal is in use; stopped anywhere, run it again."""
    report = operation.run(call.database(), call.portal, size=batch, dry_run=dry_run, tell=call.say)
    findings = broken(report.fields)
    left = sum(d.left for d in report.fields)
    view: list[RenderableType] = [moved(report.fields, dry_run), ""]
    if dry_run:
        view.append(f"{left:,} values would be brought under encryption key {report.encryption}")
        return Result(report, view)
    view.append(
        f"{sum(d.rewritten for d in report.fields):,} values brought under encryption key {report.encryption} and"
        f" blind index key {report.blind_index} in {seconds(report.seconds)}"
    )
    if left:
        findings += (
            Finding(
                "left", "", f"{left:,} values were locked by others all the time", "kingston keys rotate"
            ),
        )
    view += [line for f in findings for line in (f"{f.code}: {f.message}", f"  next: {f.fix}")]
    return Result(report, view, findings, EXIT_PARTIAL if left else EXIT_FOUND if findings else 0)


def moved(fields: tuple[Done, ...], dry_run: bool = False) -> RenderableType:
    """One line for each field."""
    rows = [
        (d.field, f"{d.rewritten:,}", f"{d.redone:,}", f"{d.left:,}", f"{len(d.broken):,}") for d in fields
    ]
    return table(
        ("field", "rewritten", "redone", "to do" if dry_run else "left", "broken"), rows, right=(1, 2, 3, 4)
    )


def broken(fields: tuple[Done, ...]) -> tuple[Finding, ...]:
    """Values that do not decrypt: each is named, none was touched."""
    return tuple(
        Finding(
            "not_decryptable",
            d.field,
            why,
            f"kingston audit show --row {d.field.partition('.')[0]}/ID shows what became of the row",
        )
        for d in fields
        for why in d.broken.values()
    )
