"""``kingston recover undo``: take one recovery back, from the lines that it left."""

from __future__ import annotations

from ...errors import RefusedError, UsageError
from . import replay
from .carrying import MARK, Report, carry, ground
from .moment import Cut

_LINES = """
SELECT h.table_name, array_agg(DISTINCT h.row_key::text), min(h.id), max(h.id) FROM row_history AS h
WHERE h.correlation_id = %s AND h.occurred_at <= clock_timestamp() AND h.row_key <> '{}' GROUP BY h.table_name
"""
_LATER = """
SELECT h.table_name || ' ' || h.row_key::text FROM row_history AS h
WHERE h.table_name = %s AND h.row_key = ANY (%s::text[]::jsonb[]) AND h.id > %s AND h.correlation_id IS DISTINCT FROM %s
ORDER BY h.id LIMIT 5
"""


def run(
    url: str, number: str, schema: str | None = None, *, reason: str = "", dry_run: bool = False
) -> Report:
    """Every row that recovery ``number`` wrote becomes what it was before it; itself a recovery that can be undone.

    Raises UsageError for an id nobody knows, RefusedError when a row was changed since.
    """
    with ground(url, schema) as here:
        mark = MARK + number
        lines = here.connection.execute(_LINES.encode(), (mark,)).fetchall()
        if not lines:
            raise UsageError(
                f'the history holds no recovery "{number}"', fix="kingston audit show --since YESTERDAY"
            )
        first, last = min(line[2] for line in lines), max(line[3] for line in lines)
        later = [
            row
            for name, keys, _, _ in lines
            for (row,) in here.connection.execute(_LATER.encode(), (name, keys, last, mark)).fetchall()
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
            lose_secrets=False, dry_run=dry_run,
        )  # fmt: skip
