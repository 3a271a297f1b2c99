"""kingston audit"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import EXIT_FOUND
from ..operations.audit import seal as sealing
from ..operations.audit import show as showing
from ..operations.audit import verify as verifying
from ..wording import count
from .audit_decrypts import decrypts
from .driver import Call, verb
from .render import Finding, Result, moment, table
from .when import moment_given

WIDTH = 40  # characters of one value on the screen; --json has them whole
_FIX = {
    "seal": "kingston audit show --since …, and compare with a checkpoint from before",
    "export": "keep the exported file; compare with a checkpoint from before",
    "trigger": "kingston drift --sql",
    "gap": "kingston audit show --row TABLE/KEY",
}

group = typer.Typer(
    help="What rows were, who changed them, and proof that the record is whole.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@verb
def alone(call: Call) -> Result:
    """What rows were, who changed them, and proof that the record is whole."""
    if call.context is not None:
        call.say(call.context.get_help())
    return Result(None)


@verb
def show(
    call: Call,
    client: Annotated[int | None, typer.Option("--client", help="Everything of this client group.")] = None,
    row: Annotated[str, typer.Option("--row", help="One row: product_owners/7.")] = "",
    actor: Annotated[str, typer.Option("--actor", help="Who, as the application said, or the role.")] = "",
    correlation: Annotated[str, typer.Option("--correlation", help="One request of the application.")] = "",
    since: Annotated[str, typer.Option("--since", help="From this time on: '2026-11-19 12:00'.")] = "",
    until: Annotated[str, typer.Option("--until", help="Before this time.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="So many lines, the newest.")] = 50,
) -> Result:
    """Show lines of the row history, oldest first; conditions add up."""
    report = showing.run(
        call.database(), call.portal, client=client, row=row, actor=actor, correlation=correlation,
        since=moment_given("--since", since), until=moment_given("--until", until), limit=limit,
    )  # fmt: skip
    if not report.lines:
        return Result(report, ["no line of the history meets this"])
    headings = ("line", "at", "who", "role", "row", "action", "changes", "why")
    rows = [
        (
            line.id,
            moment(line.at),
            line.actor,
            line.role,
            f"{line.table}/{line.row}",
            line.action,
            _changes(line),
            line.reason,
        )
        for line in report.lines
    ]
    view: list[Any] = [table(headings, rows, right=(0,))]
    if report.matching > len(report.lines):
        view.append(f"… {report.matching - len(report.lines):,} older; --limit {report.matching} shows all")
    return Result(report, view)


def _changes(line: showing.Line) -> str:
    if line.changes is None:
        return ""
    if line.action == "update":
        return ", ".join(
            f"{name}: {_short(before)} → {_short(after)}" for name, (before, after) in line.changes.items()
        )
    return ", ".join(
        f"{name}={_short(value)}"
        for name, value in line.changes.items()
        if value is not None and name not in ("id",)
    )


def _short(value: Any) -> str:
    text = (
        "nothing"
        if value is None
        else (value or '""')
        if isinstance(value, str)
        else json.dumps(value, default=float)  # exact in --json
    )
    text = "(ciphertext)" if text.startswith("enc:1:") else text
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


@verb
def verify(
    call: Call,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE", help="Seals exported earlier, kept elsewhere.")
    ] = None,
) -> Result:
    """Check seals, triggers, and that the history explains every row; exit code 1 when it does not."""
    report = verifying.run(call.database(), call.portal, against=against)
    findings = tuple(
        Finding(f"audit_{fault.kind}", fault.object, fault.message, _FIX[fault.kind])
        for fault in report.faults
    )
    view: list[Any] = [
        f"{count(report.lines, 'line')} on {count(len(report.tables), 'table')},"
        f" {report.sealed:,} under {count(report.seals, 'seal')}"
    ]
    if report.unrecorded:
        view.append(
            f"{count(len(report.unrecorded), 'row')} changed while the portal was below the revision that records"
            f" {'it' if len(report.unrecorded) == 1 else 'them'}: {report.unrecorded[0]}"
            + (", …" if len(report.unrecorded) > 1 else "")
        )
    view += [fault.message for fault in report.faults] or ["nothing is missing, changed or unexplained"]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


@verb
def seal(
    call: Call,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write all seals there; keep it elsewhere."),
    ] = None,
    wait: Annotated[
        float, typer.Option("--wait", min=0, help="Seconds for transactions that write history now.")
    ] = 10.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sealed.")] = False,
) -> Result:
    """Put new lines of the history under seal: digests in a chain that shows a later change."""
    report = sealing.run(call.database(), call.portal, to=export, wait=wait, dry_run=dry_run)
    word = "would be sealed" if dry_run else "sealed"
    view = [
        f"{count(report.lines, 'line')} {word} ({count(report.made, 'seal')}), to line {report.last_id:,}"
    ]
    if report.chain:
        view.append(f"chain {report.chain}")
    if report.exported_to:
        view.append(f"{count(report.seals, 'seal')} written to {report.exported_to}")
    return Result(report, view)


group.callback(invoke_without_command=True)(alone)
group.command(name="show")(show)
group.command(name="verify")(verify)
group.command(name="seal")(seal)
group.command(name="decrypts")(decrypts)
