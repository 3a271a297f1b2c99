"""kingston plan"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.console import RenderableType

from ..errors import EXIT_FOUND, UsageError
from ..operations import plan as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, seconds, table

_UNITS = {"": 1, "s": 1, "min": 60, "m": 60, "h": 3600}


@verb
def plan(
    call: Call,
    target: Annotated[
        str, typer.Argument(help="Revision to reach, above or below: phase_3, legacy, -1, …")
    ] = "head",
    locks: Annotated[
        bool, typer.Option("--locks", help="Every step that locks something, one by one.")
    ] = False,
    budget: Annotated[
        str, typer.Option("--budget", help="Exit 1 when it takes longer: 90s, 20min, 2h.")
    ] = "",
) -> Result:
    """Show what a move would do: per revision its locks, whom they block, rewrites, and seconds as measured."""
    limit = duration(budget) if budget else None
    report = operation.run(call.database(), call.portal, target, budget=limit)
    if not report.revisions:
        return Result(report, [f"nothing to do: the portal is at {report.before or 'nothing'}"])
    findings = _findings(report)
    return Result(report, [*_view(report, locks)], findings, EXIT_FOUND if findings else 0)


def duration(text: str) -> float:
    """``90s``, ``20min``, ``2h`` or plain seconds; raises UsageError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|min|m|h|)", text.strip())
    if not found:
        raise UsageError(f'"{text}" is no duration', fix="--budget 90s, --budget 20min or --budget 2h")
    return float(found.group(1)) * _UNITS[found.group(2)]


def _view(report: operation.Report, every: bool) -> Iterable[RenderableType]:
    where = f"database {report.database}, schema {report.schema}: {count(report.products, 'product')}"
    yield f"{report.direction} from {report.before or 'nothing'} to {report.after}, {where}"
    yield ""
    yield table(
        ("revision", "steps", "statements", "strongest lock", "on", "rewrites", "seconds", "measured"),
        [_row(revision) for revision in report.revisions],
        right=(1, 2, 6),
    )
    if every:
        yield ""
        yield table(
            ("revision", "step", "lock", "on", "blocks", "rewrites"),
            [
                (
                    r.revision,
                    f"{s.operation} {s.object}",
                    k.mode,
                    k.table,
                    k.blocks,
                    (k.table in s.rewrites and "yes") or "",
                )
                for r in report.revisions
                for s in r.steps
                for k in s.locks
                if k.blocks != "nobody"
            ],
        )
    if report.tables:
        yield ""
        yield table(
            ("table today", "rows", "MB"),
            [(t.name, f"{t.rows:,}", f"{t.bytes / 2**20:,.1f}") for t in report.tables],
            right=(1, 2),
        )
    yield ""
    yield from _notes(report)


def _row(revision: operation.Revision) -> tuple[object, ...]:
    order = operation.ORDER
    strongest = max((lock.mode for lock in revision.locks), key=order.index, default="")
    tables = [lock.table for lock in revision.locks if lock.mode == strongest]
    on = ", ".join(tables[:2]) + (f" and {len(tables) - 2} more" if len(tables) > 2 else "")
    time = "?" if revision.seconds is None else f"{revision.seconds:.2f}"
    return (
        revision.revision, len(revision.steps), revision.statements, strongest, on,
        ", ".join(revision.rewrites), time, revision.measured,
    )  # fmt: skip


def _notes(report: operation.Report) -> Iterable[str]:
    yield "Locks that block somebody are taken in attempts of 50 ms and held for milliseconds; reads and row locks are left out."
    replans = sorted({table for r in report.revisions for table in r.replans})
    if replans:
        yield (
            f"{', '.join(replans)}: columns come or go; a SELECT * planned inside an open transaction fails once"
            " with 0A000 and can be repeated"
        )
    missing = len(report.unmeasured)
    if missing == len(report.revisions):
        yield "nobody has measured this at this size yet; kingston verify rollback does, on a scratch copy"
    else:
        rest = f"; {missing} of {len(report.revisions)} revisions are not measured" if missing else ""
        yield f"{seconds(report.seconds)} in all as measured{rest}"


def _findings(report: operation.Report) -> tuple[Finding, ...]:
    if report.within or report.budget is None:
        return ()
    if report.seconds > report.budget:
        text = f"{seconds(report.seconds)} as measured, the budget is {seconds(report.budget)}"
    else:
        text = f"not measured at {count(report.products, 'product')}: {', '.join(report.unmeasured)}"
    return (
        Finding(
            "over_budget", report.after or "", text, "kingston verify rollback measures it on a scratch copy"
        ),
    )
