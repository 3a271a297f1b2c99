"""From a checkpoint forward: its rows with the lines of the history that came between."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from ..audit.tracked import Tracked
from . import replay
from .moment import Cut

Docs = dict[tuple[str, str], dict[str, Any] | None]
# What the checkpoint does not hold: a line may have a lower number than its last and have been committed after it.
_BETWEEN = sql.SQL("""
SELECT h.action, h.changes::text FROM row_history AS h
WHERE {which} AND NOT h.id = ANY ({held}::bigint[]) AND NOT {cut} ORDER BY h.id
""")
_WHICH = sql.SQL("h.table_name = {name} AND {narrow} AND h.row_key = {key}::jsonb")


def run(
    live: psycopg.Connection[Any], other: psycopg.Connection[Any], recorded: dict[str, Tracked], rows: Docs, after: Cut
) -> set[tuple[str, str]]:  # fmt: skip
    """Bring ``rows`` of the checkpoint ``other`` to the cut; returns those whose first values no line has."""
    unseen = set()
    for name, key in rows:
        which = _WHICH.format(
            name=sql.Literal(name), narrow=replay.narrow(recorded[name], [key]), key=sql.Literal(key)
        )
        rows[name, key], known = _row(live, other, which, rows[name, key], after)
        if not known:
            unseen.add((name, key))
    return unseen


def _row(
    live: psycopg.Connection[Any], other: psycopg.Connection[Any], which: sql.Composable,
    document: dict[str, Any] | None, after: Cut,
) -> tuple[dict[str, Any] | None, bool]:  # fmt: skip
    """The row with the lines that came between; False: an insert, whose values no line has."""
    held = other.execute(sql.SQL("SELECT h.id FROM row_history AS h WHERE {}").format(which)).fetchall()
    between = _BETWEEN.format(
        which=which, held=sql.Literal([number for (number,) in held]), cut=after.condition()
    )
    document = None if document is None else dict(document)
    known = True
    for action, text in live.execute(between):
        changes = json.loads(text or "{}", parse_float=Decimal)
        if action == "insert":
            known, document = False, {}
        elif action == "update" and document is not None:
            document |= {column: pair[1] for column, pair in changes.items()}
        elif action in ("delete", "truncate"):
            known, document = True, None
    return document, known
