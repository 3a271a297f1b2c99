"""Numbers out of many measurements.  Seconds and milliseconds are rounded where they are stored, never before."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import TypeVar

Measured = TypeVar("Measured")


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most, in seconds with four places."""
    return {
        "median_s": round(median(values), 4),
        "least_s": round(min(values), 4),
        "most_s": round(max(values), 4),
        "runs": len(values),
    }


def in_turns(times: int, **variants: Callable[[], Measured]) -> dict[str, list[Measured]]:
    """Each variant ``times`` times, taking turns: what slows the machine down for a while slows all of them."""
    found: dict[str, list[Measured]] = {name: [] for name in variants}
    for _ in range(times):
        for name, measure in variants.items():
            found[name].append(measure())
    return found
