"""One query now beside its baseline: what counts as slower."""

from __future__ import annotations

from dataclasses import dataclass

from .._workload import Query
from .items import Measure

SLOW = ("critical", "slower")


@dataclass(frozen=True)
class Verdict:
    """One query now beside its baseline; ``state``: ok, slower, warning, critical or new."""

    query: str
    state: str
    before_ms: float | None
    now_ms: float
    limit_ms: float
    noise_ms: float
    buffers_before: int | None
    buffers: int
    plan_changed: bool
    says: str


def judge(before: Measure | None, now: Measure, query: Query, tolerance: float | None = None) -> Verdict:
    """Slower than allowed only beyond tolerance and noise both; critical above its own limit and slower than it was."""
    factor = query.multiplier if tolerance is None else 1 + tolerance / 100
    noise = max(now.noise_ms, before.noise_ms if before else 0.0)
    limit = query.warn_ms if before is None else before.median_ms * factor
    slower = before is not None and now.median_ms > limit and now.median_ms - before.median_ms > noise
    over = now.median_ms > query.critical_ms, now.median_ms > query.warn_ms
    if before is None:
        state = "critical" if over[0] else "warning" if over[1] else "new"
        says = f"no baseline; its own limits are {query.warn_ms:g} and {query.critical_ms:g} ms"
    elif slower:
        state = "critical" if over[0] else "slower"
        says = f"{now.median_ms / max(before.median_ms, 0.001):.2f} times as slow, {factor:.2f} allowed, noise {noise:.2f} ms"
    else:
        state = "warning" if over[0] and before.median_ms <= query.critical_ms else "ok"
        says = (
            "within tolerance"
            if now.median_ms <= limit
            else f"beyond tolerance, but not beyond the noise of {noise:.2f} ms"
        )
    return Verdict(
        now.query, state, before.median_ms if before else None, now.median_ms, round(limit, 3), noise,
        before.buffers if before else None, now.buffers, bool(before and before.plan != now.plan), says,
    )  # fmt: skip
