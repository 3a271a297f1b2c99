"""The portal's queries, timed by the server."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from ... import db
from ...catalog import portal
from ...errors import UsageError
from ...settings import schemas
from .._workload import Query, parameters, queries
from .items import Baseline, Measure

RUNS = 30
ROUNDS = 3


@dataclass
class _Samples:
    """The runs of one query in one round."""

    times: list[float]
    buffers: list[int]
    plan: str
    rows: int


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
