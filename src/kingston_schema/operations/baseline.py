"""Performance baselines: the portal's queries measured on this database, kept, and compared with.

A comparison fails only beyond the tolerance *and* beyond the noise, which is measured by repeating the same query
against itself (design section 5); plan shape and buffers, which do not depend on the machine's mood, stand beside.
"""

from __future__ import annotations

import json
import os
import re
import statistics
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from .. import db
from ..catalog import portal
from ..errors import UsageError
from ..settings import schemas, state_folder
from ._workload import Query, parameters, queries

RUNS = 30
ROUNDS = 3
SLOW = ("critical", "slower")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


@dataclass(frozen=True)
class Measure:
    """One query.  Milliseconds as the server measured them; ``noise``: how far apart the medians of the rounds were."""

    query: str
    runs: int
    rows: int
    median_ms: float
    p95_ms: float
    noise_ms: float
    buffers: int
    plan: str


@dataclass(frozen=True)
class Baseline:
    """One recording of every query that could be asked."""

    name: str
    database: str
    schema: str
    revision: str | None
    server: str
    products: int
    recorded_at: datetime
    measures: tuple[Measure, ...]


@dataclass
class _Samples:
    """The runs of one query in one round."""

    times: list[float]
    buffers: list[int]
    plan: str
    rows: int


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


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` says."""

    baseline: str
    revision_before: str | None
    revision: str | None
    verdicts: tuple[Verdict, ...]


def home() -> Path:
    """Where baselines are kept: KINGSTON_BASELINES, else ``.kingston/baselines``; they survive every rollback."""
    return Path(os.environ.get("KINGSTON_BASELINES") or state_folder() / "baselines")


def record(
    url: str,
    schema: str | None = None,
    *,
    name: str = "",
    runs: int = RUNS,
    tell: Callable[[str], None] = lambda text: None,
) -> Baseline:
    """Measure every query of the portal and keep the figures.  Raises UsageError for a name that is taken."""
    if name and not _NAME.match(name):
        raise UsageError(
            f'"{name}" cannot name a baseline: letters, digits, dots, dashes', fix="--name before-phase-3"
        )
    if name and (home() / f"{name}.json").exists():
        raise UsageError(f'baseline "{name}" is there already', fix="choose another --name")
    found = measure(url, schema, runs=runs, tell=tell)
    made = Baseline(**{**vars(found), "name": name or f"{found.revision}-{found.recorded_at:%Y%m%d-%H%M%S}"})
    home().mkdir(parents=True, exist_ok=True)
    path = home() / f"{made.name}.json"
    path.with_suffix(".new").write_text(
        json.dumps(asdict(made), indent=1, default=str) + "\n", encoding="utf-8"
    )
    path.with_suffix(".new").replace(path)
    return made


def listing() -> tuple[Baseline, ...]:
    """Every baseline that is kept, newest first."""
    found = [_read(path) for path in home().glob("*.json")] if home().is_dir() else []
    return tuple(sorted(found, key=lambda b: b.recorded_at, reverse=True))


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


def measure(
    url: str, schema: str | None = None, *, runs: int = RUNS, only: Collection[str] = (),
    tell: Callable[[str], None] = lambda text: None,
) -> Baseline:  # fmt: skip
    """Every query ``runs`` times with EXPLAIN (ANALYZE, BUFFERS), parameters in turn; read only.

    In rounds over all queries, so that what else the machine does in between shows as noise.  ``only``: those queries.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
        if found.revision is None:
            raise UsageError(
                "the schema is empty: there is nothing to measure", fix="kingston upgrade legacy"
            )
        connection.execute("SET default_transaction_read_only = on")
        row = connection.execute("SELECT count(*) FROM client_products").fetchone()
        asked = [
            (q, sets)
            for q in queries(found.revision)
            if (not only or q.name in only) and (sets := parameters(connection, q))
        ]
        samples: dict[str, list[_Samples]] = {query.name: [] for query, _ in asked}
        for number in range(ROUNDS):
            tell(f"round {number + 1} of {ROUNDS}")
            for query, sets in asked:
                samples[query.name].append(_sample(connection, query, sets, max(3, runs // ROUNDS)))
        measures = [_measure(query.name, samples[query.name]) for query, _ in asked]
        products = int(row[0]) if row else 0
    return Baseline(
        "",
        found.database,
        names.application,
        found.revision,
        found.server,
        products,
        datetime.now(UTC),
        tuple(measures),
    )


def _sample(connection: psycopg.Connection, query: Query, sets: list[dict[str, Any]], runs: int) -> _Samples:
    found = _Samples([], [], "", 0)
    for number in range(runs + 1):  # one to warm up
        given = sets[number % len(sets)]
        text = psycopg.ClientCursor(connection).mogrify(query.text, given) if given else query.text
        row = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {text}".encode()).fetchone()
        assert row is not None
        top, node = row[0][0], row[0][0]["Plan"]
        if number:
            found.times.append(float(top["Execution Time"]) + float(top["Planning Time"]))
            found.buffers.append(node["Shared Hit Blocks"] + node["Shared Read Blocks"])
            found.rows, found.plan = int(node["Actual Rows"]), shape(node)
    return found


def _measure(name: str, rounds: list[_Samples]) -> Measure:
    times = [t for one in rounds for t in one.times]
    medians = [statistics.median(one.times) for one in rounds]
    return Measure(
        query=name,
        runs=len(times),
        rows=rounds[-1].rows,
        median_ms=round(statistics.median(times), 3),
        p95_ms=round(_p95(times), 3),
        noise_ms=round(max(medians) - min(medians), 3),
        buffers=round(statistics.median(b for one in rounds for b in one.buffers)),
        plan=rounds[-1].plan,
    )


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def shape(node: dict[str, Any]) -> str:
    """A plan without its numbers: node types, relations and indexes, nested."""
    what = " ".join(str(node[k]) for k in ("Node Type", "Relation Name", "Index Name") if k in node)
    inner = ", ".join(shape(child) for child in node.get("Plans", ()))
    return f"{what}({inner})" if inner else what


def _read(path: Path) -> Baseline:
    held = json.loads(path.read_text(encoding="utf-8"))
    return Baseline(
        **{
            **held,
            "recorded_at": datetime.fromisoformat(held["recorded_at"]),
            "measures": tuple(Measure(**m) for m in held["measures"]),
        }
    )
