"""kingston load"""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import EXIT_FOUND
from ..operations import load as operation
from ..wording import count
from .driver import Call, verb
from .render import Finding, Result, table


@verb
def load(
    call: Call,
    users: Annotated[
        int, typer.Option("--users", min=1, max=64, help="So many connections.")
    ] = operation.USERS,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=86400.0, help="So long.")
    ] = operation.SECONDS,
    here: Annotated[
        bool, typer.Option("--here", help="Read-only against this database, not against a scratch copy.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another order of statements.")] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> Result:
    """Imitate people at work: the portal's statements from several connections, each judged by its target."""
    if dry_run:
        what = (
            "this database, reading only" if here else "a scratch copy of this database, reading and writing"
        )
        return Result(None, [f"would imitate {users} users for {seconds:g} s on {what}; nothing was done"])
    report = operation.run(
        call.database(), call.portal, users=users, seconds=seconds, here=here, seed=seed, tell=call.say
    )
    rows = [
        (
            "" if x.state == "ok" else x.state.upper(), x.query, "write" if x.writes else "read", f"{x.calls:,}", x.errors or "",
            f"{x.p50_ms:.1f}", f"{x.p95_ms:.1f}", f"{x.p99_ms:.1f}", f"{x.max_ms:.1f}", f"{x.critical_ms:g}",
        )
        for x in report.latencies
    ]  # fmt: skip
    heads = ("", "statement", "", "calls", "errors", "p50 ms", "p95", "p99", "max", "limit of p95")
    findings = tuple(
        Finding(
            "failed" if x.errors else "slow",
            x.query,
            f"{x.query}: {count(x.errors, 'error')}, {x.error}"
            if x.errors
            else f"{x.query}: p95 {x.p95_ms} ms of at most {x.critical_ms:g}",
            "kingston baseline compare shows whether it became slower",
        )
        for x in report.bad
    )
    where = "on a scratch copy" if report.copy else "here, reading only"
    total = f"{report.calls:,} calls by {users} users in {report.seconds:.1f} s {where}: {report.per_second:,.0f} per second"
    end = f"{count(report.errors, 'error')}, {len(report.bad)} of {len(rows)} statements beyond their limit"
    return Result(
        report,
        [table(heads, rows, right=(3, 4, 5, 6, 7, 8, 9)), "", total, end],
        findings,
        EXIT_FOUND if findings else 0,
    )
