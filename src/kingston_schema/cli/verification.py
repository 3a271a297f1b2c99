"""What ``verify`` shows, and ``upgrade`` at its end."""

from __future__ import annotations

from rich.console import RenderableType

from ..operations.verify.final import Report
from ..wording import count
from .render import Finding, seconds, table


def findings(report: Report) -> tuple[Finding, ...]:
    """One per check that did not pass."""
    return tuple(
        Finding(f"verification_{o.state}", o.name, f"{o.name}: {o.found}", o.fix) for o in report.failed
    )


def view(report: Report, everything: bool = False) -> list[RenderableType]:
    """What did not pass, with the keys of the first differences; all of it, when ``everything`` is wanted."""
    shown = report.outcomes if everything else report.failed
    parts: list[RenderableType] = []
    if shown:
        parts.append(table(("", "check", "found"), [(_word(o.state), o.name, o.found) for o in shown]))
    for outcome in report.failed:
        parts += ["", f"{outcome.name}: needed is {outcome.needed}", f"  fix: {outcome.fix}"]
        parts += [f"  {key}" for key in outcome.keys]
    if everything and report.left_out:
        later = ", ".join(f"{left.name} (from {left.since})" for left in report.left_out)
        parts += ["", f"not asked at {report.revision}: {later}"]
    return [*parts, *([""] if parts else []), closing(report)]


def closing(report: Report) -> str:
    """One line: how many of the checks passed, and what could not be asked."""
    passed = len(report.outcomes) - len(report.failed)
    word = "verified" if not report.failed else "NOT as it should be"
    left = f"; {count(len(report.left_out), 'check')} cannot be asked yet" if report.left_out else ""
    return f"{report.revision} {word}: {passed} of {len(report.outcomes)} checks passed in {seconds(report.seconds)}{left}"


def _word(state: str) -> str:
    return {"passed": "ok", "failed": "DIFFERS", "unknown": "CANNOT BE ASKED"}[state]
