"""The three summaries: built from nothing, refreshed in full, refreshed after one client in a hundred changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg

from . import runs
from .databases import Databases
from .figures import median, spread

NAMES = ("client_complete_summary", "client_ownership_summary", "client_dense_summary")
EVERY = 100  # one client group in so many changes
REFRESH = "SELECT (refresh_summary(%s)).rows_changed"
CHANGE = """
UPDATE portfolio_valuations AS v SET valuation = v.valuation + 1
FROM (SELECT DISTINCT ON (p.client_id) p.portfolio_id
      FROM client_products AS p WHERE p.client_id %% %s = %s AND p.status = 'active' AND p.portfolio_id IS NOT NULL
      ORDER BY p.client_id, p.id) AS n
WHERE v.portfolio_id = n.portfolio_id
"""


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds; the changes are new valuations of one portfolio of each hundredth client group."""
    times = 1 if products > 100_000 else 3
    with databases.copy(databases.head(products)) as url, runs.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM client_groups").fetchone()
        assert row is not None
        build = [_build(connection) for _ in range(times)]
        connection.execute(f"VACUUM ANALYZE {', '.join(NAMES)}".encode())
        full = {name: [_refresh(connection, name) for _ in range(times)] for name in NAMES}
        partly, changed = [], []
        for turn in range(5):
            connection.execute(CHANGE.encode(), (EVERY, turn % EVERY))
            begun = time.perf_counter()
            found = connection.execute("SELECT client_groups FROM refresh_dirty_summaries()").fetchall()
            partly.append(time.perf_counter() - begun)
            changed.append(found[0][0])
    whole = sum(median(values) for values in full.values())
    return {
        "client_groups": row[0],
        "build": spread(build),
        "refresh": {name: spread(values) for name, values in full.items()},
        "refresh_all_s": round(whole, 4),
        "refresh_one_per_cent": {**spread(partly), "client_groups": round(median(changed))},
        "share": round(median(partly) / whole, 4),
    }


def _build(connection: psycopg.Connection[Any]) -> float:
    connection.execute(f"TRUNCATE {', '.join(NAMES)}, summary_dirty".encode())
    return _timed(lambda: connection.execute("CALL kingston.fill_summaries()"))


def _refresh(connection: psycopg.Connection[Any], name: str) -> float:
    return _timed(lambda: connection.execute(REFRESH.encode(), (name,)))


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
