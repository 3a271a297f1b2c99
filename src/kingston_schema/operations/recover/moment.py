"""Which lines of the history lie after a moment: the cut that replay takes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

# A transaction with a line after the moment counts as after it as a whole; one that ran longer than this is cut by time.
LONGEST = "1 hour"
_STRADDLING = f"""
SELECT h.id FROM row_history AS h
WHERE h.occurred_at <= %(at)s AND h.occurred_at > %(at)s - interval '{LONGEST}' AND h.transaction_id IN (
    SELECT s.transaction_id FROM row_history AS s
    WHERE s.occurred_at > %(at)s AND s.occurred_at <= %(at)s + interval '{LONGEST}')
"""


@dataclass(frozen=True)
class Cut:
    """The lines to take back: those after ``at`` and those named; or, for an undo, those from ``first`` on."""

    at: datetime | None = None
    straddling: tuple[int, ...] = ()
    first: int = 0

    def condition(self, alias: str = "h") -> sql.Composable:
        """True for a line after the cut."""
        number = sql.Identifier(alias, "id")
        if self.at is None:
            return sql.SQL("{} >= {}").format(number, sql.Literal(self.first))
        return sql.SQL("({at} > {moment} OR {number} = ANY ({named}::bigint[]))").format(
            at=sql.Identifier(alias, "occurred_at"),
            moment=sql.Literal(self.at),
            number=number,
            named=sql.Literal(list(self.straddling)),
        )


def cut(connection: psycopg.Connection[Any], at: datetime) -> Cut:
    """The cut at a time; no transaction is taken back by half."""
    rows = connection.execute(_STRADDLING.encode(), {"at": at}).fetchall()
    return Cut(at=at, straddling=tuple(row[0] for row in rows))
