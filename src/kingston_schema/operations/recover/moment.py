"""Which lines of the history lie after a moment: the cut that replay takes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from ...errors import UsageError

# A transaction with a line after the moment counts as after it as a whole; one that ran longer than this is cut by time.
LONGEST = "1 hour"
_STRADDLING = f"""
SELECT h.transaction_id FROM row_history AS h
WHERE h.occurred_at <= %(at)s AND h.occurred_at > %(at)s - interval '{LONGEST}'
INTERSECT
SELECT h.transaction_id FROM row_history AS h
WHERE h.occurred_at > %(at)s AND h.occurred_at <= %(at)s + interval '{LONGEST}'
"""


@dataclass(frozen=True)
class Cut:
    """The lines to take back: those after ``at`` and those of transactions that ended after it; or, for an undo, those
    from ``first`` on."""

    at: datetime | None = None
    straddling: tuple[int, ...] = ()
    first: int = 0

    def condition(self) -> sql.Composable:
        """True for a line ``h`` after the cut."""
        if self.at is None:
            return sql.SQL("h.id >= {}").format(sql.Literal(self.first))
        after = sql.SQL("h.occurred_at > {}").format(sql.Literal(self.at))
        if not self.straddling:
            return after
        return sql.SQL(
            f"({{after}} OR h.occurred_at > {{at}} - interval '{LONGEST}' AND h.transaction_id = ANY ({{of}}::bigint[]))"
        ).format(after=after, at=sql.Literal(self.at), of=sql.Literal(list(self.straddling)))


def cut(connection: psycopg.Connection[Any], at: datetime) -> Cut:
    """The cut at a time; no transaction is taken back by half."""
    rows = connection.execute(_STRADDLING.encode(), {"at": at}).fetchall()
    return Cut(at=at, straddling=tuple(row[0] for row in rows))


def require_past(at: datetime) -> None:
    """Raise UsageError for a time that has not been yet."""
    if at > datetime.now(UTC):
        raise UsageError(f"{at:%Y-%m-%d %H:%M:%S} has not been yet", fix="--at '2026-11-19 12:00'")
