"""kingston encrypt status, verify"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ...errors import EXIT_FOUND
from ...operations.encrypt import places
from ...operations.encrypt import status as looking
from ...operations.encrypt import verify as proving
from ...wording import count
from ..driver import Call, verb
from ..render import Finding, Result, table

STATES = {
    "off": "encryption is off: no key is active",
    "waiting": "encryption is on, and values from before it can still be read",
    "older": "every sensitive field is encrypted, some of it under older keys",
    "on": "every sensitive field is encrypted under the active key",
}
NEXT = {
    "off": "kingston keys init",
    "waiting": "kingston encrypt run",
    "older": "kingston keys rotate",
    "on": "",
}


@verb
def status(call: Call) -> Result:
    """Say what is encrypted, what is not, and where sensitive values can still be read."""
    return standing(call)


def standing(call: Call) -> Result:
    """What ``kingston encrypt`` and ``kingston encrypt status`` say."""
    report = looking.run(call.database(), call.portal)
    rows = [
        (c.field, f"{c.filled:,}", f"{c.encrypted:,}", f"{c.older:,}", f"{c.plain:,}", "the portal's own" if c.theirs else "")
        for c in report.fields
    ]  # fmt: skip
    headings = ("field", "values", "encrypted", "older key", "readable", "")
    view: list[Any] = [STATES[report.state], "", table(headings, rows, right=(1, 2, 3, 4))]
    if not report.enabled:
        view += ["", "encryption_enabled is false: without a key, new values are stored as they are"]
    findings = listed(report.places)
    if NEXT[report.state]:
        findings = (Finding(report.state, report.schema, STATES[report.state], NEXT[report.state]), *findings)
    view += elsewhere(report.places)
    if NEXT[report.state]:
        view += ["", f"next: {NEXT[report.state]}"]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


@verb
def verify(
    call: Call,
    by_content: Annotated[
        bool, typer.Option("--search/--no-search", help="Look for the values themselves in every table, too.")
    ] = True,
) -> Result:
    """Open every ciphertext at its place and look whether the values stand anywhere in plain; hands none out."""
    report = proving.run(call.database(), call.portal, by_content=by_content, tell=call.say)
    fix = "kingston audit show --row TABLE/ID shows what became of the row"
    findings = tuple(Finding("not_as_written", "", fault, fix) for fault in report.faults)
    findings += listed(report.places)
    findings += tuple(
        Finding(
            "found_in_plain",
            place,
            f"{count(number, 'sensitive value')} in {place} can be read",
            "remove or encrypt it",
        )
        for place, number in report.found.items()
    )
    view: list[Any] = [
        f"{count(report.opened, 'value')} opened, {count(len(report.faults), 'fault')}, {count(report.decoys, 'decoy')}",
        *report.faults,
        *elsewhere(report.places),
    ]
    if report.searched:
        view.append(
            "the values themselves, looked for in every table:"
            if report.found
            else "no value stands in any table in plain"
        )
        view += [f"  {place}: {count(number, 'time')}" for place, number in report.found.items()]
    return Result(report, view, findings, EXIT_FOUND if findings else 0)


def listed(found: tuple[places.Place, ...]) -> tuple[Finding, ...]:
    """One finding for each place that can be read."""
    return tuple(
        Finding(f"readable_{p.kind}", p.place, f"{count(p.values, 'value')} in {p.place} can be read", p.why)
        for p in found
    )


def elsewhere(found: tuple[places.Place, ...]) -> list[Any]:
    """The places for people."""
    if not found:
        return ["", "no column, document, archive or statistic of that kind can be read"]
    rows = [(p.place, p.kind, f"{p.values:,}", p.why) for p in found]
    return ["", table(("can be read in", "kind", "values", "why, and what ends it"), rows, right=(2,))]
