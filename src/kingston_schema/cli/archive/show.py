"""kingston archive show"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ...operations.archive import show as operation
from ..driver import Call, verb
from ..render import Result, facts, moment, table

WIDTH = 40  # characters of one value on the screen; --json has them whole


@verb
def show(
    call: Call,
    name: Annotated[str, typer.Argument(help="Table of the archive, or of the portal.")],
    limit: Annotated[int, typer.Option("--limit", help="How many rows.")] = 20,
    key: Annotated[
        str, typer.Option("--key", help="Only the row with this key; two columns: 7,phone_1.")
    ] = "",
) -> Result:
    """Show rows of an archive: key, when, why, by which rollback and run; secrets are masked."""
    report = operation.run(call.database(), call.portal, name, limit=limit, key=key or None)
    item = report.item
    head = facts(
        [
            ("archive", f"{item.name} ({item.kind}), schema {report.archive}"),
            ("of", item.table),
            (
                "by",
                f"{item.revision or 'nobody knows'}, {moment(item.archived_at) or 'no time'}, run {item.run or 'by hand'}",
            ),
            ("rows", f"{item.rows:,}, {item.quarantined:,} in quarantine"),
            ("masked", ", ".join(report.masked) or "nothing here needs it"),
        ]
    )
    if not report.items:
        return Result(report, [head, "", f"no row with key {key}" if key else "no rows"])
    view: list[Any] = [head, "", _rows(report)]
    if report.matching > len(report.items):
        view.append(f"… {report.matching - len(report.items):,} more; --limit {report.matching} shows all")
    return Result(report, view)


def _rows(report: operation.Report) -> Any:
    if report.item.kind in ("quarantine", "columns"):
        headings = (", ".join(report.key) or "key", "in quarantine", "why", "run", "rolled back", "values")
        rows = [
            (
                row.key,
                moment(row.at),
                row.reason,
                (row.run or "")[:8],
                moment(row.rollback_at),
                _values(report, row),
            )
            for row in report.items
        ]
        return table(headings, rows)
    return table(
        (", ".join(report.key) or "key", "values"), [(r.key, _values(report, r)) for r in report.items]
    )


def _values(report: operation.Report, row: operation.Row) -> str:
    shown = [
        f"{name}={value if len(value) <= WIDTH else value[: WIDTH - 1] + '…'}"
        for name, value in row.values.items()
        if value is not None and name not in report.key
    ]
    lost = f" (kept aside: {', '.join(row.lost)})" if row.lost else ""
    return ", ".join(shown) + lost
