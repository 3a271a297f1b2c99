"""kingston status"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table

from ..errors import UsageError
from ..operations import status as operation
from ..wording import count
from .driver import Call, verb
from .render import Result, facts, moment, seconds, table
from .watching import line, progress, watch


@verb
def status(
    call: Call,
    follow: Annotated[bool, typer.Option("--watch", help="Look again and again; Ctrl-C ends it.")] = False,
    interval: Annotated[
        float, typer.Option("--interval", min=0.1, help="With --watch: seconds between two looks.")
    ] = 2.0,
) -> Result:
    """Show where the portal is, what stands on record, what is running, and what to type next."""
    url = call.database()
    if not follow:
        report = operation.run(url, call.portal)
        return Result(report, shown(report))
    if call.as_json:
        raise UsageError("--watch draws for people; --json is one document", fix="kingston status --json")
    last = watch(
        call,
        interval,
        lambda before: operation.run(url, call.portal, before),
        lambda report: Group(*shown(report)),
        line,
    )
    return Result(last, shown(last) if last else ())


def shown(report: operation.Report) -> list[RenderableType]:
    """The whole status; parts without anything to say are left out."""
    view: list[RenderableType] = [_facts(report), ""]
    if report.running is not None:
        view += [progress(report.running), ""]
    view += [_phases(report), ""]
    if report.overrides:
        headings = ("passed over", "of", "reason", "by", "when")
        rows = [(o.check, o.phase, o.reason, o.by, moment(o.at)) for o in report.overrides]
        view += [table(headings, rows), ""]
    if report.checkpoints:
        view += [_checkpoints(report), ""]
    if report.runs:
        view += [_runs(report), ""]
    return [*view, f"next: {report.next}"]


def _phases(report: operation.Report) -> Table:
    gates = {gate.phase: gate for gate in report.gates}
    rows = [
        (
            p.name, _state(p), f"{p.applied}/{p.revisions}", moment(p.finished_at), seconds(p.seconds), f"{p.rows:,}",
            *_gate(gates.get(p.name)),
        )
        for p in report.phases
    ]  # fmt: skip
    headings = ("phase", "state", "revisions", "finished", "duration", "rows", "gate", "by")
    return table(headings, rows, right=(2, 4, 5))


def _state(phase: operation.Phase) -> str:
    if phase.applied == phase.revisions:
        return "done"
    return "partly" if phase.applied else "pending"


def _gate(gate: operation.Gate | None) -> tuple[str, str]:
    """What its checks last came to, and whose run that was."""
    if gate is None:
        return "", ""
    if gate.failed:
        said = f"refused {moment(gate.at)}: {', '.join(gate.failed)}"
    else:
        said = f"passed {moment(gate.at)}, {count(gate.checks, 'check')}"
        said += f", {count(len(gate.warnings), 'warning')}" if gate.warnings else ""
        said += f", {len(gate.allowed)} passed over" if gate.allowed else ""
    return said, gate.by


def _checkpoints(report: operation.Report) -> Table:
    rows = [
        (
            c.name, c.at, moment(c.created_at), moment(c.proven_at) if c.proven_at else c.state,
            "here" if c.here else c.where,
        )
        for c in report.checkpoints[: operation.RUNS]
    ]  # fmt: skip
    return table(("checkpoint", "of", "made", "restore proven", "where"), rows)


def _runs(report: operation.Report) -> Table:
    rows = [
        (
            moment(r.started_at or r.ended_at), f"{r.event} {r.subject or ''}".rstrip(), r.outcome, seconds(r.seconds),
            f"{r.rows:,}" if r.rows else "", r.who, _why(r),
        )
        for r in report.runs
    ]  # fmt: skip
    return table(("last runs", "what", "outcome", "took", "rows", "who", "said"), rows, right=(3, 4))


def _why(entry: operation.Entry) -> str:
    well = entry.outcome in ("done", "proven")
    return "" if well or not entry.detail else entry.detail.splitlines()[0]


def _facts(report: operation.Report) -> Table:
    archived = (
        f"{count(report.archived_objects, 'object')}, {count(report.archived_rows, 'row')}"
        if report.archived_objects
        else "empty"
    )
    if report.quarantined_rows:
        archived += (
            f", {report.quarantined_rows:,} of them in quarantine (kingston archive list --quarantine)"
        )
    pairs = [
        ("database", f"{report.database}, schema {report.schema} (PostgreSQL {report.server})"),
        ("phase", report.phase or "none: the schema is empty"),
        ("revision", f"{report.revision or 'none'}; head is {report.head}, {report.pending} pending"),
        ("tables", report.tables),
        ("rows migrated", f"{report.rows_migrated:,}"),
        ("archive", archived),
    ]
    if not report.checkpoints and report.revision:
        pairs.append(("checkpoints", "none (kingston checkpoint create)"))
    last = report.last_run
    if last is not None and last.status != "completed" and report.running is None:
        line = f"{last.direction} {last.revision} {last.status} {moment(last.started_at)}"
        pairs.append(("last revision", f"{line}: {last.error.splitlines()[0]}" if last.error else line))
    return facts(pairs)
