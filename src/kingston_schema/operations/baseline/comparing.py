"""Measure again, and judge every query against a baseline that is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ... import db
from ...errors import UsageError
from ...settings import schemas
from .._workload import queries
from .items import home, listing
from .judging import SLOW, Verdict, judge
from .measuring import RUNS, measure


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` says."""

    baseline: str
    revision_before: str | None
    revision: str | None
    verdicts: tuple[Verdict, ...]


def compare(
    url: str, name: str = "", schema: str | None = None, *, runs: int = RUNS, tolerance: float | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> Comparison:  # fmt: skip
    """Measure again and judge against baseline ``name`` (default: the newest of this database and schema).

    What is slower is measured once more before it is said.  ``tolerance``: per cent that replaces the multiplier of every query.
    """
    names = schemas(schema)
    database = db.parse(url).database
    ours = [
        b
        for b in listing()
        if (b.name == name if name else (b.database, b.schema) == (database, names.application))
    ]
    if not ours:
        which = f'baseline "{name}"' if name else "baseline of this database"
        raise UsageError(f"there is no {which} in {home()}", fix="kingston baseline record")
    now = measure(url, schema, runs=runs, tell=tell)
    before = {m.query: m for m in ours[0].measures}
    limits = {q.name: q for q in queries(now.revision)}
    measures = {m.query: m for m in now.measures}

    def verdict(query: str) -> Verdict:
        return judge(before.get(query), measures[query], limits[query], tolerance)

    slow = [query for query in measures if verdict(query).state in SLOW]
    if slow:  # a figure that alarms is measured once more, and the better one counts
        tell(f"once more: {', '.join(slow)}")
        for again in measure(url, schema, runs=runs, only=slow).measures:
            measures[again.query] = min(measures[again.query], again, key=lambda m: m.median_ms)
    verdicts = tuple(verdict(query) for query in measures)
    return Comparison(ours[0].name, ours[0].revision, now.revision, verdicts)
