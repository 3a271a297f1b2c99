"""Rows by what they belong to, now or then, found in the table and, by its indexes, in the history."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from ..audit.tracked import Tracked
from . import replay
from .moment import Cut
from .replay import Row

_LIVE = sql.SQL("SELECT {key}::text FROM {table} AS t WHERE t.{column} = ANY ({values}::bigint[])")
_HISTORY = sql.SQL(
    "SELECT h.row_key::text FROM row_history AS h"
    " WHERE h.table_name = {name} AND h.row_key <> '{{}}' AND {cut} AND {which}"
)
# Each condition is one that an index of the history answers; the second and the third are idx_row_history_former's.
_NAMED = sql.SQL("h.client_group_id = ANY ({values}::bigint[])")
_GONE = sql.SQL(
    "h.client_group_id IS NULL AND h.action IN ('delete', 'truncate') AND h.changes @> ANY ({was}::jsonb[])"
)
_MOVED = sql.SQL(
    "h.action = 'update' AND h.changes ?| ARRAY['client_group_id', 'client_id', 'product_id', 'product_owner_id']"
    " AND h.changes @> ANY ({pair}::jsonb[])"
)


def rows(
    connection: psycopg.Connection[Any], table: Tracked, column: str, values: list[int], cut: Cut
) -> list[Row]:
    """Every row whose ``column`` is one of ``values`` now, or was at the cut; and those that came and went since."""
    if not values:
        return []
    given = {
        "values": sql.Literal(values),
        "was": _documents({column: value} for value in values),
        "pair": _documents({column: [value]} for value in values),
    }
    parts: list[sql.Composable] = [
        _LIVE.format(
            key=table.row_key("t"), table=sql.Identifier(table.table), column=sql.Identifier(column),
            values=given["values"],
        )
    ]  # fmt: skip
    for which in (_NAMED if column == table.group else _GONE, _MOVED):
        parts.append(
            _HISTORY.format(name=sql.Literal(table.name), cut=cut.condition(), which=which.format(**given))
        )
    keys = connection.execute(sql.SQL(" UNION ").join(parts)).fetchall()
    found = replay.rows(connection, table, [key for (key,) in keys], cut)
    return [row for row in found if _of(row, column, values) or (row.now is None and row.then is None)]


def _of(row: Row, column: str, values: list[int]) -> bool:
    return any(document is not None and document.get(column) in values for document in (row.now, row.then))


def _documents(documents: Any) -> sql.Literal:
    return sql.Literal([json.dumps(document) for document in documents])
