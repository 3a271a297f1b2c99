"""kingston baseline"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from ..errors import EXIT_FOUND
from ..operations import baseline as operation
from .driver import Call, verb
from .render import Finding, Result, moment, table

Runs = Annotated[int, typer.Option("--runs", min=5, max=1000, help="So many runs of each query.")]

group = typer.Typer(
    help="The portal's queries measured, kept, and compared with (alone: list them).",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@dataclass(frozen=True)
class Listing:
    """What ``list`` says."""

    folder: str
    baselines: tuple[operation.Baseline, ...]


@verb
def record(
    call: Call,
    name: Annotated[str, typer.Option("--name", help="Default: revision and time.")] = "",
    runs: Runs = operation.RUNS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Measure and show, keep nothing.")] = False,
) -> Result:
    """Measure every query of the portal and keep medians, p95, noise, plans and buffers."""
    url = call.database()
    measure = operation.measure if dry_run else partial(operation.record, name=name)
    made = measure(url, call.portal, runs=runs, tell=call.say)
    rows = [
        (m.query, m.rows, f"{m.median_ms:.2f}", f"{m.p95_ms:.2f}", f"{m.noise_ms:.2f}", f"{m.buffers:,}")
        for m in made.measures
    ]
    shown = table(("query", "rows", "median ms", "p95", "noise", "buffers"), rows, right=(1, 2, 3, 4, 5))
    last = (
        "nothing was kept" if dry_run else f"kept as {made.name}; next: kingston baseline compare {made.name}"
    )
    return Result(made, [shown, "", last])


@verb
def compare(
    call: Call,
    name: Annotated[str, typer.Argument(help="Default: the newest of this database.")] = "",
    runs: Runs = operation.RUNS,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="Per cent, for every query; default: each its own.")
    ] = 0.0,
) -> Result:
    """Measure again and compare: slower means beyond the tolerance and beyond the noise."""
    report = operation.compare(
        call.database(), name, call.portal, runs=runs, tolerance=tolerance or None, tell=call.say
    )
    rows = [
        (
            v.state.upper() if v.state in operation.SLOW else v.state,
            v.query,
            "" if v.before_ms is None else f"{v.before_ms:.2f}",
            f"{v.now_ms:.2f}",
            f"{v.limit_ms:.2f}",
            f"{v.buffers - (v.buffers_before or 0):+,}" if v.buffers_before is not None else "",
            "changed" if v.plan_changed else "",
            v.says,
        )
        for v in report.verdicts
    ]
    heads = ("", "query", "before ms", "now ms", "limit", "buffers", "plan", "")
    bad = [v for v in report.verdicts if v.state in operation.SLOW]
    findings = tuple(
        Finding(v.state, v.query, f"{v.query}: {v.says}", "EXPLAIN it; ANALYZE its tables") for v in bad
    )
    last = f"against {report.baseline} (revision {report.revision_before}): " + (
        f"{len(bad)} of {len(rows)} queries are slower"
        if bad
        else f"none of {len(rows)} queries is slower than allowed"
    )
    return Result(
        report, [table(heads, rows, right=(2, 3, 4, 5)), "", last], findings, EXIT_FOUND if bad else 0
    )


def _listed(call: Call) -> Result:
    """All that are kept; those of one portal where --schema asks for it."""
    asked = tuple(item for item in operation.listing() if call.portal in (None, item.schema))
    found = Listing(str(operation.home()), asked)
    if not found.baselines:
        return Result(found, [f"no baselines in {found.folder}; next: kingston baseline record"])
    rows = [
        (b.name, b.database, b.schema, b.revision, moment(b.recorded_at), len(b.measures), f"{b.products:,}")
        for b in found.baselines
    ]
    heads = ("baseline", "database", "schema", "revision", "recorded", "queries", "products")
    return Result(found, [table(heads, rows, right=(5, 6))])


@verb
def listing(call: Call) -> Result:
    """List the baselines that are kept."""
    return _listed(call)


@verb
def alone(call: Call) -> Result:
    """The portal's queries measured, kept, and compared with; alone it lists what is kept."""
    return _listed(call)


for _name, _command in (("record", record), ("compare", compare), ("list", listing)):
    group.command(name=_name)(_command)
group.callback(invoke_without_command=True)(alone)
