"""What rows are now and what they were before the lines after a cut: history taken back, newest line first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql

from ..audit.tracked import Tracked
from .moment import Cut

MARKER = "[redacted]"
# The value of a column at the cut stands in the first line after it that mentions the column; else it is as now.
_REPLAY = sql.SQL("""
WITH wanted AS (
    SELECT k::jsonb AS row_key FROM unnest({keys}::text[]) AS k
), later AS (
    SELECT h.id, h.row_key, h.action, h.changes FROM row_history AS h JOIN wanted AS w ON w.row_key = h.row_key
    WHERE h.table_name = {name} AND {narrow} AND {cut}
), first AS (
    SELECT DISTINCT ON (l.row_key) l.row_key, l.action FROM later AS l ORDER BY l.row_key, l.id
), old AS (
    SELECT m.row_key, jsonb_object_agg(m.name, m.value) AS doc FROM (
        SELECT DISTINCT ON (l.row_key, c.key) l.row_key, c.key AS name,
               CASE l.action WHEN 'update' THEN c.value -> 0 ELSE c.value END AS value
        FROM later AS l CROSS JOIN LATERAL jsonb_each(l.changes) AS c WHERE l.action <> 'insert'
        ORDER BY l.row_key, c.key, l.id) AS m
    GROUP BY m.row_key
)
SELECT w.row_key::text, to_jsonb(t)::text,
       (CASE WHEN f.action = 'insert' THEN NULL
             WHEN f.action IS NULL THEN to_jsonb(t)
             ELSE coalesce(to_jsonb(t), '{{}}') || coalesce(o.doc, '{{}}') END)::text
FROM wanted AS w LEFT JOIN {table} AS t ON {same} AND {key} = w.row_key
LEFT JOIN first AS f ON f.row_key = w.row_key LEFT JOIN old AS o ON o.row_key = w.row_key
ORDER BY w.row_key
""")


@dataclass(frozen=True)
class Row:
    """One row: its key as the history writes it, as it is (``now``) and as it was (``then``), None where it was not.

    ``text`` is ``then`` as the server wrote it: numbers keep their digits.
    """

    key: str
    now: dict[str, Any] | None
    then: dict[str, Any] | None
    text: str | None

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns whose value then the history only marks: secrets that were not encrypted."""
        return tuple(name for name, value in (self.then or {}).items() if value == MARKER)


def parsed(text: str | None) -> dict[str, Any] | None:
    """A row as a dictionary, numbers exact."""
    return None if text is None else dict(json.loads(text, parse_float=Decimal))


def rows(
    connection: psycopg.Connection[Any], table: Tracked, keys: Iterable[str], cut: Cut
) -> list[Row]:
    """The rows with these keys, now and at the cut.  Printing must be set (audit.trail)."""
    wanted = sorted(set(keys))
    if not wanted:
        return []
    found = connection.execute(
        _REPLAY.format(
            keys=sql.Literal(wanted), name=sql.Literal(table.name), narrow=narrow(table, wanted), cut=cut.condition(),
            table=sql.Identifier(table.table), key=table.row_key("t"), same=same(table, wanted),
        )
    ).fetchall()  # fmt: skip
    return [Row(key, parsed(now), parsed(then), then) for key, now, then in found]


def narrow(table: Tracked, keys: list[str]) -> sql.Composable:
    """True for the lines ``h`` of these rows, in words that an index of the history knows."""
    for column, indexed in (("id", "row_id"), (table.group, "client_group_id")):
        if table.key == (column,):
            return sql.SQL("h.{} = ANY ({}::bigint[])").format(
                sql.Identifier(indexed), sql.Literal(_numbers(table, keys))
            )
    return sql.SQL("true")


def same(table: Tracked, keys: list[str]) -> sql.Composable:
    """True for the rows ``t`` with these keys, in words that the primary key knows."""
    if table.key == ("id",) or table.key == (table.group,):
        return sql.SQL("t.{} = ANY ({}::bigint[])").format(
            sql.Identifier(table.key[0]), sql.Literal(_numbers(table, keys))
        )
    return sql.SQL("{} = ANY ({}::jsonb[])").format(table.row_key("t"), sql.Literal(keys))


def _numbers(table: Tracked, keys: list[str]) -> list[int]:
    return [int(json.loads(key)[table.key[0]]) for key in keys]
