"""One pair of revisions rehearsed, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .differences import Difference
from .place import Place
from .stages import Pair

Tell = Callable[[str], None]
STEPS = 8  # that rehearse() tells of


@dataclass(frozen=True)
class Outcome:
    """What became of one pair.  ``rows`` and ``columns``: how much was compared value for value."""

    revision: str
    below: str
    archived: int
    restored: int
    quarantined: int
    schema_equal: bool
    data_equal: bool
    seconds: float
    rows: int
    columns: int
    differences: tuple[Difference, ...]


def rehearse(place: Place, upper: str, lower: str, round_: str, tell: Tell) -> Outcome:
    """Rehearse one pair.  Raises Stopped when a movement or a write fails."""
    started = time.monotonic()
    pair = Pair(place, upper, lower)
    tell(f"up to {upper}")
    pair.climb()
    tell("writing above")
    pair.write_above(round_)
    tell("copying")
    place.copy()
    tell(f"down to {lower}")
    pair.descend()
    tell("comparing what is below")
    found = pair.compare_below()
    tell("writing below")
    pair.write_below()
    tell(f"up to {upper}")
    pair.climb_again()
    tell("comparing what came back")
    more, restored, quarantined = pair.compare_above()
    found += more
    return Outcome(
        revision=upper,
        below=lower,
        archived=sum(moved.rows for moved in pair.archived),
        restored=restored,
        quarantined=quarantined,
        schema_equal=not any(d.kind == "schema" for d in found),
        data_equal=all(d.kind == "schema" for d in found),
        seconds=round(time.monotonic() - started, 3),
        rows=sum(each.rows for each in pair.before.values()),
        columns=sum(len(each.columns) for each in pair.before.values()),
        differences=tuple(found),
    )
