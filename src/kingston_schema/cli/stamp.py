"""kingston stamp"""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import EXIT_FOUND, RefusedError, UsageError
from ..operations import stamp as operation
from .driver import Call, verb
from .render import Finding, Result

SHOWN = 25


@verb
def stamp(
    call: Call,
    revision: Annotated[str, typer.Argument(help="Revision the portal is at: legacy, phase_3, head.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Only compare with that revision.")] = False,
    detect: Annotated[bool, typer.Option("--detect", help="Only find the revision that fits.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Stamp although it differs; recorded.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compare, record nothing.")] = False,
) -> Result:
    """Record which revision a portal is at, after comparing every object; --detect finds it out."""
    if not revision and not detect:
        raise UsageError("which revision?", fix="kingston stamp --detect, or kingston stamp legacy")
    if revision and detect:
        raise UsageError("--detect finds the revision; leave the name away", fix="kingston stamp --detect")
    url = call.database()
    seen = operation.look(url, call.portal, revision or None)
    if detect or verify or dry_run:
        return _seen(seen)
    if not seen.match.exact and not reason:
        listed = "\n  ".join(difference.message for difference in seen.match.blocking[:SHOWN])
        raise RefusedError(
            f"schema {seen.schema} is not at {seen.match.revision}: {len(seen.match.blocking)} objects are missing or different"
            f"\n  {listed}",
            fix="kingston stamp --detect; or, knowing better, --reason",
            obj=seen.match.revision,
        )
    call.confirm(
        f"Record {seen.match.revision} for schema {seen.schema} (now {seen.recorded or 'nothing'})?", yes
    )
    report = operation.run(url, seen, [f"stamp:{reason}"] if reason else [])
    return Result(report, [*_harmless(report), f"stamped: {report.match.revision}; next: kingston status"])


def _seen(report: operation.Report) -> Result:
    match = report.match
    if match.exact:
        head = (
            f"schema {report.schema} is at {match.revision}: all {match.objects} objects are there, unchanged"
        )
    else:
        head = f"nearest is {match.revision}: {len(match.blocking)} of {match.objects} objects are missing or different"
    lines = [head, *(f"  {difference.message}" for difference in match.blocking[:SHOWN])]
    if len(match.blocking) > SHOWN:
        lines.append(f"  … and {len(match.blocking) - SHOWN} more (--json has all)")
    recorded = f"recorded is {report.recorded or 'nothing'}"
    fix = f"kingston fingerprint --diff {match.revision}"
    findings = tuple(Finding("differs", d.object, d.message, fix) for d in match.blocking)
    return Result(report, [*lines, *_harmless(report), recorded], findings, EXIT_FOUND if findings else 0)


def _harmless(report: operation.Report) -> list[str]:
    found = report.match.harmless
    if not found:
        return []
    more = [f"  … and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return [
        f"{len(found)} differences of the portal's own, which do no harm:",
        *(f"  {difference.message}" for difference in found[:SHOWN]),
        *more,
    ]
