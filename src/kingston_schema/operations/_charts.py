"""Charts of the report: SVG as text, colours from the page's style, every figure readable without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from markupsafe import Markup

LABEL, WIDTH, ROW = 230, 860, 22
RUNS_SHOWN = 6


def duration(seconds: float | None) -> str:
    """``12 ms``, ``3.4 s``, ``2 min 05 s``."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def size(count: int) -> str:
    """``3.1 MB``."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e5 else f"{count / 1e3:,.1f} kB"


def timeline(runs: Sequence[Any]) -> Markup:
    """One bar per revision, run by run, on the time since that run began; the newest runs last."""
    groups: dict[str, list[Any]] = {}
    for run in runs:
        groups.setdefault(run.run_id, []).append(run)
    return Markup("\n").join(_run(group) for group in list(groups.values())[-RUNS_SHOWN:])


def _run(group: list[Any]) -> Markup:
    total = max(run.offset + (run.seconds or 0) for run in group) or 0.001
    room = WIDTH - LABEL - 90
    height = 30 + ROW * len(group)
    first = group[0]
    title = (
        f"{first.direction} from {first.started_at:%Y-%m-%d %H:%M:%S}, by {first.actor}, {duration(total)}"
    )
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f'<text class="head" x="0" y="14">{escape(title)}</text>',
    ]
    for tick in range(5):
        x = LABEL + room * tick / 4
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="22" y2="{height}"/>')
    for number, run in enumerate(group):
        y = 26 + number * ROW
        x = LABEL + room * run.offset / total
        width = max(2.0, room * (run.seconds or 0) / total)
        mark = "" if run.status == "completed" else f" {run.status}"
        parts.append(
            f"<g><title>{escape(run.revision)}: {duration(run.seconds)}, {run.rows:,} rows{mark}</title>"
            f'<text class="label" x="{LABEL - 8}" y="{y + 13}">{escape(run.revision)}</text>'
            f'<rect class="bar {run.direction} {run.status}" x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="14" rx="2"/>'
            f'<text class="value" x="{min(x + width + 5, WIDTH - 80):.1f}" y="{y + 13}">{duration(run.seconds)}{mark}</text></g>'
        )
    return Markup("\n".join([*parts, "</svg>"]))


def comparison(before: Any, after: Any) -> Markup:
    """Medians of the same queries in two baselines, as pairs of bars on one logarithmic scale."""
    if before is None or after is None:
        return Markup("")
    was = {m.query: m for m in before.measures}
    pairs = [(m.query, was[m.query], m) for m in after.measures if m.query in was]
    if not pairs:
        return Markup("")
    lowest, highest = 0.01, max(max(a.median_ms, b.median_ms) for _, a, b in pairs) * 1.2
    room = WIDTH - LABEL - 130

    def at(ms: float) -> float:
        return room * _log(max(ms, lowest) / lowest) / _log(highest / lowest)

    height = 34 + 32 * len(pairs)
    title = f"medians: {before.name} above, {after.name} below"
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f'<text class="head" x="0" y="14">{escape(title)} (milliseconds, logarithmic)</text>',
    ]
    for number, (query, a, b) in enumerate(pairs):
        y = 28 + number * 32
        change = (b.median_ms / a.median_ms - 1) * 100 if a.median_ms else 0.0
        parts.append(
            f"<g><title>{escape(query)}: {a.median_ms} ms, then {b.median_ms} ms</title>"
            f'<text class="label" x="{LABEL - 8}" y="{y + 16}">{escape(query)}</text>'
            f'<rect class="bar before" x="{LABEL}" y="{y}" width="{at(a.median_ms):.1f}" height="10" rx="2"/>'
            f'<rect class="bar after" x="{LABEL}" y="{y + 12}" width="{at(b.median_ms):.1f}" height="10" rx="2"/>'
            f'<text class="value" x="{LABEL + max(at(a.median_ms), at(b.median_ms)) + 6:.1f}" y="{y + 16}">'
            f"{a.median_ms:.2f} → {b.median_ms:.2f} ({change:+.0f} %)</text></g>"
        )
    return Markup("\n".join([*parts, "</svg>"]))


def _log(value: float) -> float:
    return math.log(value)
