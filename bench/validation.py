"""Checking ownership documents, per row, beside the PL/pgSQL loop over jsonb_each_text that people write."""

from __future__ import annotations

from typing import Any

import psycopg

from . import runs
from .databases import Databases
from .figures import median

ROWS = 20_000
LOOP = """
CREATE FUNCTION pg_temp.loop_over_shares(p_ownership jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_key text;
    v_value text;
    v_share numeric;
    v_total numeric := 0;
    v_count integer := 0;
BEGIN
    FOR v_key, v_value IN SELECT e.key, e.value FROM jsonb_each_text(p_ownership) AS e LOOP
        IF v_key ~ '^[0-9]+$' THEN
            v_share := v_value::numeric;
            IF v_share < 0 OR v_share > 100 THEN
                RETURN false;
            END IF;
            v_total := v_total + v_share;
            v_count := v_count + 1;
        END IF;
    END LOOP;
    RETURN v_count > 0 AND v_total BETWEEN 99.99 AND 100.01;
END $$
"""
# Documents as the migration makes them, and as people edit them.
KINDS = {
    "1 owner": """'{"association_type": "individual", "' || a || '": 100.00}'""",
    "2 owners": """'{"association_type": "tenants_in_common", "note": "equal_split_assumed", "' || a || '": 50.00, "' || b || '": 50.00}'""",
    "3 owners": """'{"association_type": "tenants_in_common", "note": "equal_split_assumed", "' || a || '": 33.34, "' || b || '": 33.33, "' || c || '": 33.33}'""",
    "2 owners, edited": """'{"association_type": "tenants_in_common", "' || a || '": 60, "' || b || '": 40.00}'""",
    "3 owners, edited": """'{"association_type": "tenants_in_common", "' || a || '": 60, "' || b || '": 25.50, "' || c || '": 14.5}'""",
}  # fmt: skip
WAYS = {"ours": "validate_ownership_percentages_precise", "loop": "pg_temp.loop_over_shares"}


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Microseconds per document of each kind, and of the portal's own documents, above those of reading them."""
    with databases.copy(databases.head(products)) as url, runs.connect(url) as connection:
        connection.execute("SET jit = off")
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute(LOOP)
        found = {}
        for kind, document in KINDS.items():
            found[kind] = _compared(
                connection,
                f"SELECT ({document})::jsonb AS d FROM (SELECT 100000 + g AS a, 300007 + 3 * g AS b, 500011 + 5 * g AS c"
                f" FROM generate_series(1, {ROWS}) AS g) AS ids",
            )
        found["the portal's documents"] = _compared(
            connection,
            "SELECT p.ownership_details AS d FROM client_products AS p WHERE NOT p.ownership_details ? 'note'"
            f" OR p.ownership_details ->> 'note' = 'equal_split_assumed' ORDER BY p.id LIMIT {ROWS}",
        )
    return {"kinds": found, "rows": ROWS}


def _compared(connection: psycopg.Connection[Any], documents: str) -> dict[str, float]:
    connection.execute("DROP TABLE IF EXISTS pg_temp.documents")
    connection.execute(f"CREATE TEMP TABLE documents AS {documents}".encode())
    took: dict[str, list[float]] = {"reading": [], **{way: [] for way in WAYS}}
    for _ in range(9):
        took["reading"].append(_milliseconds(connection, "d IS NOT NULL"))
        for way, function in WAYS.items():
            took[way].append(_milliseconds(connection, f"{function}(d)"))
    rows = connection.execute("SELECT count(*) FROM pg_temp.documents").fetchone()
    assert rows is not None
    least = {way: 1000 * (median(values) - median(took["reading"])) / rows[0] for way, values in took.items()}
    return {
        "ours_us": round(least["ours"], 3),
        "loop_us": round(least["loop"], 3),
        "ratio": round(least["ours"] / least["loop"], 3),
    }


def _milliseconds(connection: psycopg.Connection[Any], condition: str) -> float:
    """Of the server, for one pass over all documents; every one of them must pass."""
    query = f"SELECT count(*) FILTER (WHERE {condition}) = count(*) FROM pg_temp.documents"
    if connection.execute(query.encode()).fetchone() != (True,):
        raise RuntimeError(f"{condition} refuses a right document")
    row = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query}".encode()).fetchone()
    assert row is not None
    return float(row[0][0]["Execution Time"])
