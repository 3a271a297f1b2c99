"""Archived rows accounted for: what the register says went in, less what it says came out, lies in the archive."""

from __future__ import annotations

import psycopg

from ...ddl.sqltext import render
from ...settings import Schemas
from .._checks import KEYS_SHOWN, Outcome
from ..archive.items import Item, resting

NAME = "archive_accounted"
SINCE = "pre_migration_control"
# Per archive table: its last "archived" entry, and what the register says of it since (all time, for quarantine).
_REGISTER = """
    SELECT e.archive_name, bool_or(e.movement = 'archived'), coalesce(a.rows_moved, 0),
           coalesce(sum(e.rows_moved) FILTER (WHERE e.movement = 'quarantined'), 0)::bigint,
           coalesce(sum(e.rows_moved) FILTER (WHERE e.movement = 'restored'), 0)::bigint,
           coalesce(sum(e.rows_moved) FILTER (WHERE e.movement = 'purged'), 0)::bigint,
           (array_agg(e.movement ORDER BY e.id DESC) FILTER (WHERE e.movement IN ('archived', 'restored')))[1],
           (array_agg(e.table_name ORDER BY e.id DESC))[1]
    FROM @control@.archive_entry AS e
    LEFT JOIN LATERAL (SELECT x.id, x.rows_moved FROM @control@.archive_entry AS x
                       WHERE x.archive_name = e.archive_name AND x.movement = 'archived' ORDER BY x.id DESC LIMIT 1) AS a ON true
    WHERE e.archive_name IS NOT NULL AND e.id >= coalesce(a.id, 0)
    GROUP BY e.archive_name, a.id, a.rows_moved
"""


def accounted(connection: psycopg.Connection, names: Schemas) -> Outcome:
    """Each table of the archive beside the register of movements, and each whole table in exactly one of both places."""
    items = {item.name: item for item in resting(connection, names)}
    wrong: list[str] = []
    seen = set()
    for name, came, moved, aside, back, purged, last, table in connection.execute(
        render(_REGISTER, names).encode()
    ):
        seen.add(name)
        said = _judge(
            connection, names, items.get(name), (came, moved, aside, back, purged), (name, last, table)
        )
        wrong += [f"{name}: {said}"] if said else []
    wrong += [f"{name}: nobody recorded how it came" for name in items if name not in seen]
    rows = sum(item.rows for item in items.values())
    held = f"{rows:,} rows in {len(items)} tables of the archive"
    return Outcome(
        NAME, "verification", "critical", "failed" if wrong else "passed",
        f"{held}; {len(wrong)} not accounted for" if wrong else f"{held}, all accounted for",
        "what went into the archive, less what came back or was purged, is there",
        "kingston archive list; kingston archive show NAME", tuple(sorted(wrong)[:KEYS_SHOWN]),
    )  # fmt: skip


def _judge(
    connection: psycopg.Connection, names: Schemas, item: Item | None, sums: tuple[bool, int, int, int, int],
    entry: tuple[str, str | None, str],
) -> str:  # fmt: skip
    """What is wrong with one archive table; nothing when it is as the register says."""
    came, moved, aside, back, purged = sums
    name, last, table = entry
    rows, waiting = (item.rows, item.rows - item.quarantined) if item else (0, 0)
    if name.startswith("quarantine__"):
        there = aside - back - purged
        return "" if rows == there else f"{there:,} rows recorded, {rows:,} there"
    if not came:
        return ""
    if name == table and "__" not in name:  # a whole table: its rows were never counted, its place is known
        here = _there(connection, names.archive, name)
        if (last == "archived") != here:
            return (
                "recorded in the archive, and not there" if not here else "recorded as back, and still there"
            )
        return "" if here or _there(connection, names.application, name) else "recorded as back, and nowhere"
    if last == "restored" and waiting:
        return f"recorded as back, and {waiting:,} rows wait"
    if last == "archived" and (waiting != moved if not purged else waiting > moved):
        return f"{moved:,} rows went in, {waiting:,} there" + (f", {purged:,} purged" if purged else "")
    return ""


def _there(connection: psycopg.Connection, schema: str, table: str) -> bool:
    row = connection.execute(
        "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text)) IS NOT NULL", (schema, table)
    ).fetchone()
    return bool(row and row[0])
