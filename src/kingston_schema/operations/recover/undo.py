"""``kingston recover undo``: take one recovery back, from the lines that it left."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ...errors import RefusedError, UsageError
from ..audit.tracked import Tracked
from . import replay
from .carrying import Report, carry
from .change import Change
from .ground import MARK, ground
from .moment import Cut

# LIKE as the index idx_row_history_recovery has it.
_LINES = """
SELECT h.table_name, array_agg(DISTINCT h.row_key::text), min(h.id), max(h.id) FROM row_history AS h
WHERE h.correlation_id = %s AND h.correlation_id LIKE 'recover %%' AND h.row_key <> '{}' GROUP BY h.table_name
"""
_LATER = sql.SQL("""
SELECT h.table_name || ' ' || h.row_key::text FROM row_history AS h
WHERE h.table_name = {name} AND {narrow} AND h.row_key = ANY ({keys}::text[]::jsonb[]) AND h.id > {last}
  AND h.correlation_id IS DISTINCT FROM {mark}
ORDER BY h.id LIMIT 6
""")


def run(
    url: str, number: str, schema: str | None = None, *, reason: str = "", dry_run: bool = False,
    shown: tuple[Change, ...] | None = None,
) -> Report:  # fmt: skip
    """Every row that recovery ``number`` wrote becomes what it was before it; itself a recovery that can be undone.

    Raises UsageError for an id nobody knows, RefusedError when a row was changed since, or when the portal is below the
    revision of a table that it wrote.
    """
    with ground(url, schema, "" if dry_run else "recover undo", number) as here:
        mark = MARK + number
        lines = here.connection.execute(_LINES.encode(), (mark,)).fetchall()
        if not lines:
            raise UsageError(
                f'the history holds no recovery "{number}"', fix="kingston audit show --since YESTERDAY"
            )
        away = sorted(name for name, *_ in lines if name not in here.recorded)
        if away:
            raise RefusedError(
                f"recovery {number} wrote {', '.join(away)}, which the portal does not have at its revision",
                fix="kingston upgrade",
                obj=away[0],
            )
        first, last = min(line[2] for line in lines), max(line[3] for line in lines)
        later = [
            row
            for name, keys, _, _ in lines
            for row in _later(here.connection, here.recorded[name], keys, last, mark)
        ]
        if later:
            raise RefusedError(
                f"changed since recovery {number}: {', '.join(later[:5])}{', …' if len(later) > 5 else ''}",
                fix="kingston recover client … --at, with a time before the recovery",
                obj=number,
            )
        rows = {
            name: replay.rows(here.connection, here.recorded[name], keys, Cut(first=first))
            for name, keys, _, _ in lines
        }
        return carry(
            here, rows, [], client=None, at=None, reason=reason or f"undo of recovery {number}",
            lose_secrets=False, dry_run=dry_run, shown=shown,
        )  # fmt: skip


def _later(
    connection: psycopg.Connection[Any], table: Tracked, keys: list[str], last: int, mark: str
) -> list[str]:
    statement = _LATER.format(
        name=sql.Literal(table.name), narrow=replay.narrow(table, keys), keys=sql.Literal(keys),
        last=sql.Literal(last), mark=sql.Literal(mark),
    )  # fmt: skip
    return [row for (row,) in connection.execute(statement).fetchall()]
