"""The gap detector: changes of rows that the history does not know, found by comparing rows and lines with each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from .tracked import EVENTS, Tracked

# One event per mention of a column: what it was before and after by that line; the row as it is now comes last.
_GAPS = sql.SQL("""
WITH lines AS (
    SELECT h.id, h.row_key, h.action, h.changes, h.occurred_at,
           count(*) FILTER (WHERE h.action = 'insert') OVER (PARTITION BY h.row_key ORDER BY h.id) AS life,
           lead(h.id) OVER (PARTITION BY h.row_key ORDER BY h.id) IS NULL AS newest
    FROM row_history AS h WHERE h.table_name = {name} AND h.row_key <> '{{}}'
), now AS (
    SELECT {key} AS row_key, to_jsonb(t) AS doc FROM {table} AS t
), mentions AS (
    SELECT l.row_key, l.life, l.id, c.key AS name, l.occurred_at,
           CASE l.action WHEN 'update' THEN c.value -> 0 ELSE c.value END AS before,
           CASE l.action WHEN 'update' THEN c.value -> 1 END AS after
    FROM lines AS l CROSS JOIN LATERAL jsonb_each(l.changes) AS c WHERE l.action <> 'insert'
    UNION ALL
    SELECT l.row_key, l.life, 9223372036854775807, c.key, NULL, c.value, NULL
    FROM lines AS l JOIN now AS n ON n.row_key = l.row_key CROSS JOIN LATERAL jsonb_each(n.doc) AS c
    WHERE l.newest AND l.action IN ('insert', 'update')
), pairs AS (
    SELECT m.*, lag(m.after) OVER w AS left_at, lag(m.occurred_at) OVER w AS since
    FROM mentions AS m WINDOW w AS (PARTITION BY m.row_key, m.life, m.name ORDER BY m.id)
)
SELECT 'changed' AS kind, p.row_key::text, p.name, p.since FROM pairs AS p
WHERE p.left_at IS NOT NULL AND p.before IS NOT NULL AND p.left_at IS DISTINCT FROM p.before
  AND p.left_at <> '"[redacted]"' AND p.before <> '"[redacted]"' AND NOT p.name = ANY ({sensitive})
UNION ALL
SELECT 'gone', l.row_key::text, NULL, l.occurred_at FROM lines AS l LEFT JOIN now AS n ON n.row_key = l.row_key
WHERE l.newest AND l.action IN ('insert', 'update') AND n.row_key IS NULL
UNION ALL
SELECT 'back', l.row_key::text, NULL, l.occurred_at FROM lines AS l JOIN now AS n ON n.row_key = l.row_key
WHERE l.newest AND l.action IN ('delete', 'truncate')
UNION ALL
SELECT 'new', n.row_key::text, NULL, (n.doc ->> 'created_at')::timestamptz FROM now AS n
WHERE (n.doc ->> 'created_at')::timestamptz > {begin}
  AND NOT EXISTS (SELECT 1 FROM lines AS l WHERE l.row_key = n.row_key AND l.action = 'insert')
ORDER BY 1, 2, 3
""")
_SAYS = {
    "changed": "column {name} changed without a line",
    "gone": "went without a line",
    "back": "is there although its last line says that it went",
    "new": "was created without a line",
}


@dataclass(frozen=True)
class Gap:
    """One row whose history does not explain what it is.  ``since``: its last line before; None: unknown.

    ``unrecorded``: the portal was below the revision that records it in between, so nobody need have hidden anything.
    """

    table: str
    row: str
    kind: str
    column: str | None
    since: datetime | None
    unrecorded: bool

    @property
    def words(self) -> str:
        """What is wrong, for people."""
        return f"{self.table} {self.row} {_SAYS[self.kind].format(name=self.column)}"


def find(connection: psycopg.Connection[Any], table: Tracked, begin: datetime | None) -> list[Gap]:
    """Every gap of one table.  Printing must be set (trail): values are compared as the history writes them."""
    rows = connection.execute(
        _GAPS.format(
            name=sql.Literal(table.name),
            key=table.row_key("t"),
            table=sql.Identifier(table.table),
            sensitive=sql.Literal(list(table.sensitive)) + sql.SQL("::text[]"),
            begin=sql.Literal(begin) + sql.SQL("::timestamptz"),
        )
    ).fetchall()
    return [
        Gap(table.name, row, kind, column, since, begin is not None and since is not None and since < begin)
        for kind, row, column, since in rows
    ]


def switched_off(tracked: dict[str, Tracked], wanted: dict[str, str]) -> list[tuple[str, str]]:
    """(table, what is wrong) of triggers that are missing, off, or off in replicated sessions."""
    by_table = {found.table: found for found in tracked.values()}
    wrong: list[tuple[str, str]] = []
    for table in sorted(wanted):
        found = by_table.get(table)
        for event in EVENTS:
            if found is None or event not in found.on:
                wrong.append((table, f"trigger {event} is missing or switched off"))
            elif event not in found.always:
                wrong.append((table, f"trigger {event} is off under session_replication_role = replica"))
    return wrong
