"""kingston audit decrypts"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from ..errors import EXIT_FOUND
from ..operations.audit import decrypts as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, moment, table


@verb
def decrypts(
    call: Call,
    actor: Annotated[str, typer.Option("--actor", help="Only what this person read.")] = "",
    of: Annotated[str, typer.Option("--table", help="Only secrets of this table.")] = "",
    row: Annotated[int | None, typer.Option("--row", help="Only secrets of the row with this id.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", help="Only from then on.")] = None,
    volume: Annotated[
        int, typer.Option("--volume", min=1, help="More values than this in a window are a finding.")
    ] = operation.VOLUME,
    window: Annotated[
        int, typer.Option("--window", min=1, metavar="MINUTES", help="Length of that window.")
    ] = operation.WINDOW_MINUTES,
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many lines.")] = operation.LIMIT,
) -> Result:
    """Show who read which secrets and why; too many, failed and decoy reads are findings (exit code 1)."""
    report = operation.run(
        call.database(), call.portal, actor=actor or None, table=of or None, row=row,
        since=since.astimezone() if since else None, volume=volume, window=window, limit=limit,
    )  # fmt: skip
    findings = tuple(_findings(report))
    view: list[Any] = [_table(report)] if report.uses else ["nothing was read"]
    if report.groups > len(report.uses):
        view.append(f"… {report.groups - len(report.uses):,} more; --limit {report.groups} shows all")
    view += [part for f in findings for part in (f"{f.code}: {f.message}", f"  next: {f.fix}")]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


def _table(report: operation.Report) -> Any:
    rows = [
        (
            moment(u.last_at),
            u.actor if u.actor == u.db_role else f"{u.actor} ({u.db_role})",
            u.operation,
            f"{u.table}.{u.column}",
            f"{u.rows:,}",
            f"{u.times:,}",
            u.outcome,
            u.purpose,
            u.correlation_id,
        )
        for u in report.uses
    ]
    headings = (
        "last",
        "actor (role)",
        "use",
        "field",
        "rows",
        "times",
        "outcome",
        "purpose",
        "correlation id",
    )
    return table(headings, rows, right=(4, 5))


def _findings(report: operation.Report) -> list[Finding]:
    found = [
        Finding(
            "volume",
            v.actor,
            f"{v.actor} read {count(v.values, 'value')} within {report.window_minutes} minutes, until {moment(v.at)}"
            f" (limit {report.limit_values:,})",
            f'ask them; kingston audit decrypts --actor "{v.actor}"',
        )
        for v in report.volumes
    ]
    if report.decoys:
        found.append(
            Finding(
                "decoy",
                "encryption_audit_log",
                f"a decoy was read {count(report.decoys, 'time')}: nobody has a reason to",
                "the lines with outcome decoy say who",
            )
        )
    if report.failed:
        found.append(
            Finding(
                "failed",
                "encryption_audit_log",
                f"{count(report.failed, 'value')} could not be decrypted: changed, moved, or of another key",
                "kingston encrypt verify",
            )
        )
    return found
