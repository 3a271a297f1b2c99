"""What ``upgrade`` says of its checks, and the checkpoint that it makes first when asked."""

from __future__ import annotations

from typing import Any

from ..errors import EXIT_REFUSED, RefusedError, UsageError
from ..operations import checkpoint as operation
from ..operations._readiness import Readiness
from ..wording import count
from .driver import Call
from .render import Finding, Result, seconds


def refused(call: Call, planned: Any, ready: Readiness) -> Result:
    """Nothing was changed; every failing check with what is needed."""
    head = f"kingston {call.command} refused: {count(len(ready.blocking), 'critical check')} failed; nothing was changed"
    again = f'kingston {call.command} … --skip-checks "REASON" runs all the same, on record'
    for line in (head, *lines(ready), f"  next: {again}"):
        call.say(line)
    findings = [Finding("check_failed", o.name, f"{o.name}: {o.found}", o.fix) for o in ready.blocking]
    return Result(planned, (), findings, EXIT_REFUSED)


def lines(ready: Readiness) -> list[str]:
    """Each failing check: what was found, what is needed, how to fix it, such as which rows."""
    told = []
    for outcome in ready.blocking:
        told += [f"  {outcome.name}: {outcome.found}", f"    needed is {outcome.needed}; fix: {outcome.fix}"]
        told += [f"    such as: {', '.join(outcome.keys[:8])}"] if outcome.keys else []
    return told


def checkpoint(call: Call, url: str) -> None:
    """Make one and prove it; raises RefusedError where it does not hold what it should."""
    made = operation.create(url, call.portal, tell=call.say)
    proven = operation.verify(url, made.checkpoint.name, call.portal, tell=call.say)
    if proven.differences:
        raise RefusedError(
            f"checkpoint {made.checkpoint.name} cannot be restored as it was: {proven.differences[0]}; nothing was changed",
            fix=f"kingston checkpoint verify {made.checkpoint.name}",
        )
    call.say(
        f"checkpoint {made.checkpoint.name} is made and its restore is proven, in {seconds(made.seconds + proven.seconds)}"
    )


def reason(text: str | None) -> str:
    """The reason behind ``--skip-checks``; raises UsageError for an empty one."""
    if text is not None and not text.strip():
        raise UsageError("--skip-checks needs a reason", fix='--skip-checks "agreed with …, ticket 4711"')
    return (text or "").strip()
