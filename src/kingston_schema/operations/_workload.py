"""The statements that baselines and load use: read from sql/workload, with parameters from this database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.rows import dict_row

from ..catalog import history

READS = ("legacy", "phase_2")
WRITES = ("writes",)
# Document 001: database query time 125 ms target, 150 ms at most; at most 25 % slower than before.
WARN_MS, CRITICAL_MS, MULTIPLIER = 125.0, 150.0, 1.25
KEYS = 200
_FIELD = re.compile(r"-- (query|from|weight|warn_ms|critical_ms|multiplier|keys): *(.*)\Z")


@dataclass(frozen=True)
class Query:
    """One statement.  Limits in milliseconds; ``keys``: a query whose rows are its parameters."""

    name: str
    text: str
    since: str = "legacy"
    weight: int = 1
    warn_ms: float = WARN_MS
    critical_ms: float = CRITICAL_MS
    multiplier: float = MULTIPLIER
    keys: str = ""


def queries(revision: str | None, folders: Sequence[str] = READS) -> list[Query]:
    """Every statement that can be asked at ``revision``: what only reads, unless WRITES are asked for."""
    reached = history.position(revision)
    every = [
        query
        for name in folders
        for query in parse((files("kingston_schema") / "sql" / "workload" / f"{name}.sql").read_text("utf-8"))
    ]
    return [query for query in every if history.position(query.since) <= reached]


def parse(text: str) -> Iterable[Query]:
    """The statements of one file."""
    for block in re.split(r"^(?=-- query: )", text, flags=re.MULTILINE)[1:]:
        fields: dict[str, str] = {}
        body = []
        for line in block.splitlines():
            field = _FIELD.match(line)
            if field:
                fields[field.group(1)] = field.group(2)
            else:
                body.append(line)
        yield Query(
            name=fields["query"],
            text="\n".join(body).strip().rstrip(";"),
            since=fields.get("from", "legacy"),
            weight=int(fields.get("weight", 1)),
            warn_ms=float(fields.get("warn_ms", WARN_MS)),
            critical_ms=float(fields.get("critical_ms", CRITICAL_MS)),
            multiplier=float(fields.get("multiplier", MULTIPLIER)),
            keys=fields.get("keys", ""),
        )


def parameters(connection: psycopg.Connection, query: Query) -> list[dict[str, Any]]:
    """At most 200 sets of parameters, spread evenly over those there are; one empty set where none is needed."""
    if not query.keys:
        return [{}]
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query.keys.encode()).fetchall()
    step = max(1, len(rows) // KEYS)
    return rows[::step][:KEYS]
