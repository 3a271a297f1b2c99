"""Values that can be told apart: each written once, so that none can be missing unnoticed (promise P2)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager

from portals import Portal

MARK = re.compile(r"mark-\d+-")
# Records of changes: a value that stands here only is not a value of the portal.
RECORDS = ("row_history", "product_owners_audit_log", "ownership_audit_log", "client_dense_summary",
           "client_complete_summary", "client_ownership_summary")  # fmt: skip


class Marks:
    """The marks that somebody wrote into a portal and that nobody replaced or deleted since."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._numbers = itertools.count(1)
        self.known: set[str] = set()

    def new(self) -> str:
        """A value that was never written before."""
        return f"mark-{next(self._numbers)}-"

    @contextmanager
    def written(self) -> Iterator[None]:
        """People write in this block: afterwards the marks are those that are there."""
        yield
        self.known = self.found()

    def moved(self) -> None:
        """A migration ran: every mark is still there, and in quarantine only with its reason."""
        missing = self.known - self.found()
        assert missing == set(), f"lost: {sorted(missing)}"

    def found(self) -> set[str]:
        """Every mark in the portal and in its archive."""
        return self.live() | {mark for mark, _ in self.archived()}

    def live(self) -> set[str]:
        """The marks in tables of the portal."""
        return {mark for row in self._rows("public") for mark in MARK.findall(row)}

    def archived(self) -> set[tuple[str, str | None]]:
        """(mark, reason) in the archive; the reason is None for what rests there to come back."""
        found = set()
        for table, columns in self._tables("kingston_archive").items():
            reason = next((c for c in ("quarantine_reason", "reason") if c in columns), "NULL")
            if "quarantine_reason" not in columns and "quarantined_at" not in columns:
                reason = "NULL"
            for row, why in self.portal.all(f"SELECT t::text, {reason} FROM kingston_archive.{table} AS t"):
                found |= {(mark, why) for mark in MARK.findall(row)}
        return found

    def _rows(self, schema: str) -> list[str]:
        return [
            row
            for table in self._tables(schema)
            for row in self.portal.all(f"SELECT t::text FROM {schema}.{table} AS t")
        ]

    def _tables(self, schema: str) -> dict[str, list[str]]:
        rows = self.portal.all(
            "SELECT c.relname, array_agg(a.attname::text) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid"
            " WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND c.relname <> ALL (%s)"
            " AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname",
            schema,
            list(RECORDS),
        )
        return dict(rows)
