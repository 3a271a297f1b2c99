"""kingston verify"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import RenderableType

from .. import db
from ..catalog import history
from ..errors import EXIT_FOUND
from ..operations.verify import final
from ..operations.verify import rollback as operation
from . import verification
from .driver import Call, verb
from .formats import Format
from .progress import SingleBar, single
from .render import Finding, Result, seconds, table

SHOWN = 40  # differences written out on the terminal; --json has all

group = typer.Typer(
    help="Verify the portal at its revision; rollback rehearses that going back loses nothing.",
    rich_markup_mode=None,
)


@dataclass(frozen=True)
class Cleaned:
    """What ``--clean`` dropped, or would."""

    databases: tuple[str, ...]
    dry_run: bool


@verb
def alone(
    call: Call,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what passed, too, with its figures.")
    ] = False,
    format: Format = "text",
) -> Result:
    """Verify the portal at its revision: objects by name, totals against their parts, summaries recomputed."""
    call.write_as(format)
    with single(not call.no_color) as story:
        watched = isinstance(story, SingleBar)  # where no terminal shows a bar, nothing is said of each check
        report = final.run(
            call.database(), call.portal, tell=lambda name: story.progress(name, 0, None) if watched else None
        )
    findings = verification.findings(report)
    passed = tuple(outcome.name for outcome in report.outcomes if outcome.state == "passed")
    return Result(
        report, verification.view(report, everything), findings, EXIT_FOUND if findings else 0, passed
    )


@verb
def rollback(
    call: Call,
    upper: Annotated[str, typer.Option("--from", help="Revision to roll back from.")] = "head",
    lower: Annotated[str, typer.Option("--to", help="Revision to roll back to.")] = "legacy",
    every: Annotated[
        bool, typer.Option("--all", help="Every revision between the two by itself, then the whole way.")
    ] = False,
    clients: Annotated[int, typer.Option(help="Client groups of the sample data.")] = 130,
    products: Annotated[int, typer.Option(help="Products of the sample data.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same number gives the same data.")] = 7,
    here: Annotated[
        bool,
        typer.Option("--here", help="On the database given, instead of a scratch one: it is written to."),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Stop at the first difference and keep the databases to look at.")
    ] = False,
    clean: Annotated[
        bool, typer.Option("--clean", help="Only drop scratch databases that interrupted runs left behind.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask (--here).")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be rehearsed.")] = False,
) -> Result:
    """Rehearse a rollback on a scratch database; account for every value."""
    url = call.database()
    planned = operation.plan(
        url, call.portal, upper=upper, lower=lower, every=every, here=here, clients=clients, products=products, seed=seed
    )  # fmt: skip
    if clean:
        return _cleaned(planned if dry_run else None, planned.leftovers if dry_run else operation.clean(url))
    if planned.leftovers:
        call.say(
            f"left behind by interrupted runs: {', '.join(planned.leftovers)}; kingston verify rollback --clean"
        )
    if dry_run:
        return Result(planned, _planned(planned, url))
    if here:
        call.confirm(
            f"Rehearse on database {db.describe(url)} itself: rows are written to it and deleted from it, and it"
            f" moves between {planned.pairs[-1][0]} and {planned.pairs[-1][1]}?",
            yes,
        )
    with single(not call.no_color) as story:
        report = operation.run(url, planned, story, keep=keep)
    findings = [_finding(outcome, found) for outcome in report.outcomes for found in outcome.differences]
    return Result(report, _view(report), findings, 0 if report.equal else EXIT_FOUND)


def _planned(planned: operation.Plan, url: str) -> list[RenderableType]:
    where = (
        f"database {db.describe(url)}" if planned.here else f"a scratch database beside {db.describe(url)}"
    )
    sample = (
        ""
        if planned.here
        else f", {planned.clients:,} client groups, {planned.products:,} products, seed {planned.seed}"
    )
    rows = [(upper, lower) for upper, lower in planned.pairs]
    return [table(("from", "down to"), rows), "", f"{len(rows)} pairs would be rehearsed on {where}{sample}"]


def _cleaned(planned: operation.Plan | None, names: tuple[str, ...]) -> Result:
    word = "would be dropped" if planned is not None else "dropped"
    lines = [f"{word}: {name}" for name in names]
    return Result(Cleaned(names, planned is not None), lines or ["nothing was left behind"])


def _view(report: operation.Report) -> list[RenderableType]:
    rows = [
        (
            _way(o), f"{o.archived:,}", f"{o.restored:,}", f"{o.quarantined:,}",
            "equal" if o.schema_equal else "DIFFERS", "equal" if o.data_equal else "DIFFERS", seconds(o.seconds),
        )
        for o in report.outcomes
    ]  # fmt: skip
    headings = ("revision", "archived", "restored", "quarantined", "schema", "data", "duration")
    parts: list[RenderableType] = [table(headings, rows, right=(1, 2, 3, 6)), ""]
    for outcome in report.outcomes:
        if outcome.differences:
            parts.append(f"{outcome.revision} down to {outcome.below}:")
            parts += [f"  {found}" for found in outcome.differences[:SHOWN]]
            rest = len(outcome.differences) - SHOWN
            parts += [f"  and {rest} more (--json has all)"] if rest > 0 else []
    parts += [f"not rehearsed after that: {upper} down to {lower}" for upper, lower in report.not_run]
    return [*parts, *_closing(report)]


def _way(outcome: operation.Outcome) -> str:
    """A revision taken back alone is named alone."""
    order = history.names()
    alone = order.index(outcome.revision) == order.index(outcome.below) + 1
    return outcome.revision if alone else f"{outcome.revision} to {outcome.below}"


def _closing(report: operation.Report) -> list[str]:
    number, wrong = len(report.outcomes), sum(1 for outcome in report.outcomes if outcome.differences)
    cells = sum(outcome.columns for outcome in report.outcomes)
    verdict = (
        "every value accounted for" if report.equal else f"{wrong} {'differs' if wrong == 1 else 'differ'}"
    )
    done = f"{number} rollback{'' if number == 1 else 's'} rehearsed in {seconds(report.seconds)}"
    lines = [f"{done}, {cells:,} columns compared: {verdict}"]
    if report.before:
        lines.append(f"kept: {report.database}, and as it was before the last rollback: {report.before}")
    return lines


def _finding(outcome: operation.Outcome, found: operation.Difference) -> Finding:
    again = f"kingston verify rollback --from {outcome.revision} --to {outcome.below} --keep"
    return Finding(f"{found.kind}_differs", found.object, str(found), f"{again}, then look at both databases")


group.callback(invoke_without_command=True)(alone)
group.command(name="rollback")(rollback)
