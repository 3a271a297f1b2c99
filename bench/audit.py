"""What the row history costs: beside no audit, and beside the row-level trigger with full images that people write."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from . import runs
from .databases import Databases
from .figures import in_turns, median, percentile, spread

SINGLE = 400  # single-row writes of each kind and way in a turn
TURNS = 3
# Every column as it was and as it is, and the bookkeeping and the indexes that row_history has.
FULL_IMAGES = """
CREATE TABLE full_images (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    table_name text NOT NULL, row_id bigint, client_group_id bigint, action text NOT NULL, old_row jsonb, new_row jsonb,
    actor text NOT NULL, db_role text NOT NULL, transaction_id bigint NOT NULL
);
CREATE INDEX ON full_images (table_name, row_id, occurred_at DESC);
CREATE INDEX ON full_images (client_group_id, occurred_at DESC) WHERE client_group_id IS NOT NULL;
CREATE FUNCTION note_full_image() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO full_images (table_name, row_id, client_group_id, action, old_row, new_row, actor, db_role, transaction_id)
    VALUES (TG_TABLE_NAME, coalesce(NEW.id, OLD.id), coalesce(NEW.client_id, OLD.client_id), lower(TG_OP), to_jsonb(OLD),
            to_jsonb(NEW), current_user, session_user, pg_current_xact_id()::text::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER full_image AFTER INSERT OR UPDATE OR DELETE ON client_products
    FOR EACH ROW EXECUTE FUNCTION note_full_image();
"""
LOGS = {"ours": "row_history", "full_images": "full_images"}
BULK = "UPDATE client_products SET notes = %s"
ONE = "UPDATE client_products SET notes = %s WHERE id = %s"
NEW = "INSERT INTO client_products (client_id, product_name, notes) SELECT client_id, 'new', %s FROM client_products WHERE id = %s RETURNING id"
GONE = "DELETE FROM client_products WHERE id = %s"
KINDS = ("insert", "update", "delete")


def measure(databases: Databases, products: int) -> dict[str, Any]:
    """Seconds of one UPDATE of every product, milliseconds of single ones, bytes of log per row; other triggers are off."""
    with databases.copy(databases.head(products)) as url, runs.connect(url) as connection:
        connection.execute(FULL_IMAGES)
        row = connection.execute("SELECT min(id), max(id) FROM client_products").fetchone()
        assert row is not None
        ways = {"none": "", "ours": "history_%", "full_images": "full_image"}
        bulk = in_turns(
            TURNS, **{way: _on(connection, name, lambda: _bulk(connection)) for way, name in ways.items()}
        )
        bytes_per_row = {way: round(_log_bytes(connection, way, ways[way], products)) for way in LOGS}
        one = in_turns(
            TURNS,
            **{way: _on(connection, name, lambda: _single(connection, *row)) for way, name in ways.items()},
        )
    return {
        "rows": products,
        "bulk": {way: spread(took) for way, took in bulk.items()},
        "bulk_ratio": {way: round(median(bulk[way]) / median(bulk["none"]), 3) for way in LOGS},
        "single_ms": {
            kind: {
                way: round(1000 * median([percentile(turn[kind], 0.5) for turn in turns]), 3)
                for way, turns in one.items()
            }
            for kind in KINDS
        },
        "single_writes": SINGLE * TURNS,
        "bytes_per_row": bytes_per_row,
        "log_ratio": round(bytes_per_row["ours"] / bytes_per_row["full_images"], 3),
    }


def _on(connection: psycopg.Connection[Any], triggers: str, act: Callable[[], Any]) -> Callable[[], Any]:
    """``act`` with no triggers on client_products but those whose names are like ``triggers``."""

    def run() -> Any:
        connection.execute("ALTER TABLE client_products DISABLE TRIGGER USER")
        for (name,) in connection.execute(
            "SELECT t.tgname FROM pg_trigger AS t WHERE t.tgrelid = 'client_products'::regclass AND NOT t.tgisinternal"
            " AND t.tgname LIKE %s",
            (triggers,),
        ).fetchall():
            connection.execute(
                sql.SQL("ALTER TABLE client_products ENABLE ALWAYS TRIGGER {}").format(sql.Identifier(name))
            )
        connection.execute("VACUUM client_products")
        connection.execute("CHECKPOINT")
        return act()

    return run


def _bulk(connection: psycopg.Connection[Any]) -> float:
    begun = time.perf_counter()
    connection.execute(BULK, (f"note {begun}",))
    return time.perf_counter() - begun


def _single(connection: psycopg.Connection[Any], first: int, last: int) -> dict[str, list[float]]:
    """Seconds of rows written, changed and removed one by one, each in a transaction of its own, as a client meets it."""
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(SINGLE):
        note, chosen = f"note {number}", first + number * 7919 % (last - first + 1)
        made = _timed(connection, took["insert"], NEW, note, chosen).fetchone()
        assert made is not None
        _timed(connection, took["update"], ONE, f"{note} {time.perf_counter()}", chosen)
        _timed(connection, took["delete"], GONE, made[0])
    return took


def _timed(connection: psycopg.Connection[Any], took: list[float], statement: str, *given: Any) -> Any:
    begun = time.perf_counter()
    cursor = connection.execute(statement.encode(), given)
    took.append(time.perf_counter() - begun)
    return cursor


def _log_bytes(connection: psycopg.Connection[Any], way: str, triggers: str, rows: int) -> float:
    """Bytes that one changed row adds to the log, indexes included."""
    size = f"SELECT pg_total_relation_size('{LOGS[way]}')"
    connection.execute(f"VACUUM {LOGS[way]}".encode())
    before = connection.execute(size.encode()).fetchone()
    _on(connection, triggers, lambda: _bulk(connection))()
    after = connection.execute(size.encode()).fetchone()
    assert before is not None
    assert after is not None
    return float(after[0] - before[0]) / rows
