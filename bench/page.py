"""A page of the dense client list: by key at any depth, by offset at the last page."""

from __future__ import annotations

import random
import time
from typing import Any

import psycopg

from . import runs
from .databases import Databases
from .figures import percentile

COLUMNS = {
    "group_name": "group_name",
    "total_active_value": "total_active_value",
    "total_products": "total_products",
    "last_activity": "last_activity",
}
BY_KEY = "SELECT * FROM get_client_dense_page(0, 50, %s, %s, NULL, %s, %s)"
BY_OFFSET = "SELECT * FROM get_client_dense_page(%s, 50, %s, %s)"
DEPTHS = (0.0, 0.1, 0.5, 0.9, 0.999)


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Milliseconds of pages of 50, sorted by each column either way, as a client meets them."""
    with databases.copy(databases.head(products)) as url, runs.connect(url) as connection:
        connection.execute("VACUUM ANALYZE client_dense_summary")
        row = connection.execute("SELECT count(*) FROM client_dense_summary").fetchone()
        assert row is not None
        groups = int(row[0])
        by_key = {str(depth): _by_key(connection, groups, depth) for depth in DEPTHS}
        first = [_timed(connection, BY_OFFSET, (0, c, d)) for c, d in _sorts(20)]
        last = [_timed(connection, BY_OFFSET, (max(groups - 50, 0), c, d)) for c, d in _sorts(20)]
    return {
        "client_groups": groups,
        "by_key": {depth: _described(took) for depth, took in by_key.items()},
        "by_key_any_depth": _described([ms for took in by_key.values() for ms in took]),
        "by_offset_first": _described(first),
        "by_offset_last": _described(last),
    }


def _sorts(times: int) -> list[tuple[str, str]]:
    return [(column, way) for _ in range(times) for column in COLUMNS for way in ("ASC", "DESC")]


def _by_key(connection: psycopg.Connection[Any], groups: int, depth: float) -> list[float]:
    """Pages that begin behind a row at that depth (0 to 1), not the same one twice.

    Where they begin is looked up before the first is timed: whoever pages by key has it from the page before, and does not
    read half of an index for it.
    """
    numbers = random.Random(7)
    behind = []
    for column, way in _sorts(25):
        offset = min(groups - 1, int(depth * groups) + numbers.randint(0, max(groups // 1000, 1)))
        row = connection.execute(
            f"SELECT {COLUMNS[column]}::text, client_group_id FROM get_client_dense_page(%s, 1, %s, %s)".encode(),
            (offset, column, way),
        ).fetchone()
        assert row is not None
        behind.append((column, way, *row))
    return [_timed(connection, BY_KEY, values) for values in behind]


def _timed(connection: psycopg.Connection[Any], query: str, values: tuple[Any, ...]) -> float:
    begun = time.perf_counter()
    connection.execute(query.encode(), values).fetchall()
    return 1000 * (time.perf_counter() - begun)


def _described(took: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(took, 0.5), 3),
        "p99_ms": round(percentile(took, 0.99), 3),
        "pages": len(took),
    }
