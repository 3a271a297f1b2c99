"""What was asked for, beside what was measured."""

from __future__ import annotations

from ..targets import LARGE, TARGETS, Subjects, Target
from .words import number, table, thousands


def targets(subjects: Subjects) -> str:
    """The table: every target, what was measured, whether it is reached."""
    rows = []
    for target in TARGETS:
        value = target.value(subjects)
        shown = _unmeasured(target, subjects) if value is None else number(value) + target.unit
        limit = f"{'≤' if target.at_most else '≥'} {number(target.limit)}{target.unit}"
        rows.append((target.name, limit, shown, _verdict(target, value, subjects)))
    return table(("what", "limit", "measured", "reached?"), rows)


def _unmeasured(target: Target, subjects: Subjects) -> str:
    """The figure of the largest size that was measured, named as such."""
    for size in sorted({s for sizes in subjects.values() for s in sizes}, key=int, reverse=True):
        value = target.value(
            {name: {LARGE: sizes[size]} for name, sizes in subjects.items() if size in sizes}
        )
        if value is not None:
            return f"not measured; at {thousands(size)}: {number(value)}{target.unit}"
    return "not measured"


def _verdict(target: Target, value: float | None, subjects: Subjects) -> str:
    if value is None:
        return "–"
    if target.reached(value):
        return "reached"
    by = abs(value / target.limit - 1)
    return f"**missed by {by:.0%}**" + (f": {target.why(subjects)}" if target.why else "")
