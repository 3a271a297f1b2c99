"""So many people at work at once: the portal's statements from that many connections, and how long each took."""

from __future__ import annotations

import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from .. import db
from ..backup import scratch, tools
from ..catalog import portal
from ..errors import UsageError
from ..settings import schemas
from ._workload import READS, WRITES, Query, parameters, queries

USERS, SECONDS = 4, 30.0


@dataclass(frozen=True)
class Latency:
    """One statement under load, in milliseconds as a client waits; ``state``: ok, warning or critical."""

    query: str
    writes: bool
    calls: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    warn_ms: float
    critical_ms: float
    state: str
    error: str = ""


@dataclass(frozen=True)
class Report:
    """What ``kingston load`` found; ``copy``: on a scratch copy, with writes."""

    database: str
    schema: str
    revision: str | None
    copy: bool
    users: int
    seconds: float
    calls: int
    per_second: float
    errors: int
    latencies: tuple[Latency, ...]

    @property
    def bad(self) -> tuple[Latency, ...]:
        """Statements that failed, or whose p95 is above their critical limit."""
        return tuple(x for x in self.latencies if x.state == "critical")


def run(
    url: str, schema: str | None = None, *, users: int = USERS, seconds: float = SECONDS, here: bool = False,
    seed: int = 1, tell: Callable[[str], None] = lambda text: None,
) -> Report:  # fmt: skip
    """Run the mix; ``here``: read-only against this very database, else reads and writes against a scratch copy of it.

    Raises UsageError for an empty schema, RefusedError without the right to make databases.
    """
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
    if found.revision is None:
        raise UsageError(
            "the schema is empty: there is nobody's work to imitate", fix="kingston upgrade legacy"
        )
    with _place(url, (names.application, names.control, names.archive), here, tell) as place:
        tell(f"{users} users for {seconds:g} s")
        results = _users(place, names.application, found.revision, users, seconds, here, seed)
    mix = {q.name: q for q in _mix(found.revision, here)}
    writing = {q.name for q in queries(found.revision, WRITES)}
    latencies = tuple(_judge(mix[name], name in writing, *results[name]) for name in mix if name in results)
    calls = sum(x.calls for x in latencies)
    return Report(
        found.database, names.application, found.revision, not here, users, seconds, calls,
        round(calls / seconds, 1), sum(x.errors for x in latencies), latencies,
    )  # fmt: skip


def _mix(revision: str, here: bool) -> list[Query]:
    return queries(revision, READS if here else (*READS, *WRITES))


@contextmanager
def _place(url: str, names: tuple[str, ...], here: bool, tell: Callable[[str], None]) -> Iterator[str]:
    if here:
        yield url
        return
    with db.connect(url) as connection:
        version = connection.info.server_version
        rows = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY (%s)", (list(names),))
        chosen = [f'--schema="{row[0]}"' for row in rows]
    with (
        tempfile.TemporaryDirectory(prefix="kingston-load-") as folder,
        scratch.scratch(url, "load") as target,
    ):
        tell(f"copying into {db.describe(target)}")
        file = Path(folder) / "dump"
        tools.run(
            tools.find("pg_dump", version), url, ["--format=directory", "--jobs=2", f"--file={file}", *chosen]
        )
        with db.connect(target) as connection:
            connection.execute("DROP SCHEMA public")
        tools.run(tools.find("pg_restore", version), target, ["--exit-on-error", "--jobs=2", str(file)])
        with db.connect(target) as connection:
            connection.execute("ANALYZE")
        yield target


def _users(
    url: str, schema: str, revision: str, users: int, seconds: float, here: bool, seed: int
) -> dict[str, tuple[list[float], list[str]]]:
    """{query: (milliseconds, errors)} of all users together; each is a process, so that none waits for another's Python."""
    context = multiprocessing.get_context("spawn")
    jobs = [(url, schema, revision, seconds, here, seed * 1000 + number) for number in range(users)]
    with context.Pool(users) as pool:
        found = pool.starmap(_user, jobs)
    together: dict[str, tuple[list[float], list[str]]] = {}
    for one in found:
        for name, (times, errors) in one.items():
            held = together.setdefault(name, ([], []))
            held[0].extend(times)
            held[1].extend(errors)
    return together


def _user(
    url: str, schema: str, revision: str, seconds: float, here: bool, seed: int
) -> dict[str, tuple[list[float], list[str]]]:
    chance = random.Random(seed)
    found: dict[str, tuple[list[float], list[str]]] = {}
    with db.connect(url, schema, application_name="kingston_schema load") as connection:
        if here:
            connection.execute("SET default_transaction_read_only = on")
        mix = [(q, sets) for q in _mix(revision, here) if (sets := parameters(connection, q))]
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            query, sets = chance.choices(mix, [q.weight for q, _ in mix])[0]
            times, errors = found.setdefault(query.name, ([], []))
            started = time.perf_counter()
            try:
                given = chance.choice(sets)
                for statement in query.text.split(";\n"):
                    connection.execute(statement.encode(), given or None)
            except psycopg.Error as error:
                errors.append((error.diag.message_primary or str(error)).strip())
                if connection.closed:
                    return found
            times.append((time.perf_counter() - started) * 1000)
    return found


def _judge(query: Query, writes: bool, times: list[float], errors: list[str]) -> Latency:
    ordered = sorted(times) or [0.0]

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 3)

    state = (
        "critical"
        if errors or at(0.95) > query.critical_ms
        else "warning"
        if at(0.95) > query.warn_ms
        else "ok"
    )
    return Latency(
        query=query.name,
        writes=writes,
        calls=len(times),
        errors=len(errors),
        p50_ms=round(statistics.median(ordered), 3),
        p95_ms=at(0.95),
        p99_ms=at(0.99),
        max_ms=round(ordered[-1], 3),
        warn_ms=query.warn_ms,
        critical_ms=query.critical_ms,
        state=state,
        error=errors[0] if errors else "",
    )
