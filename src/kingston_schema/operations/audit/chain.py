"""Seals as values: the digest of a batch of lines, the chain, and the file they are exported to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from ...ddl.sqltext import render
from ...errors import UsageError
from ...settings import Schemas

# Lines of one seal at most: what verify names, when a digest is wrong, is a range of so many.
BATCH = 1000
_LINES = """
SELECT h.id, row_to_json(ROW(h.id, h.table_name, h.row_key, h.client_group_id, h.action, h.changes, h.actor, h.db_role,
       h.correlation_id, h.reason, h.transaction_id, extract(epoch FROM h.occurred_at)))::text
FROM row_history AS h WHERE h.id BETWEEN %s AND %s ORDER BY h.id
"""


@dataclass(frozen=True)
class Seal:
    """One seal: lines ``first_id`` to ``last_id`` of the history, how many there were, SHA-256 of them and of the chain."""

    number: int
    first_id: int
    last_id: int
    lines: int
    digest: str
    chain: str

    def follows(self, before: str) -> bool:
        """Whether the chain value is right for this batch after the chain ``before``."""
        return self.chain == link(before, self.first_id, self.last_id, self.lines, self.digest)


def link(before: str, first: int, last: int, lines: int, digest: str) -> str:
    """The chain value of a batch."""
    return hashlib.sha256(f"{before}|{first}|{last}|{lines}|{digest}".encode()).hexdigest()


def measure(connection: psycopg.Connection[Any], first: int, last: int) -> tuple[int, str]:
    """How many lines there are from ``first`` to ``last``, and their digest.  Printing must be set (trail)."""
    found = connection.execute(_LINES, (first, last)).fetchall()
    return len(found), hashlib.sha256("\n".join(line for _, line in found).encode()).hexdigest()


def read(connection: psycopg.Connection[Any], names: Schemas) -> list[Seal]:
    """All seals, oldest first; none where the table is not there."""
    row = connection.execute(
        "SELECT to_regclass(format('%%I.row_history_seal', %s::text)) IS NULL", (names.control,)
    ).fetchone()
    if row and row[0]:
        return []
    rows = connection.execute(
        render(
            "SELECT number, first_id, last_id, lines, digest, chain FROM @control@.row_history_seal ORDER BY number",
            names,
        ).encode()
    )
    return [Seal(*row) for row in rows]


def export(seals: Iterable[Seal], path: Path) -> None:
    """Write one seal per line of JSON.  Raises UsageError when the file cannot be written."""
    try:
        path.write_text("".join(json.dumps(asdict(seal)) + "\n" for seal in seals), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", fix="--export FILE") from error


def load(path: Path) -> list[Seal]:
    """Read what export() wrote.  Raises UsageError for a file that is none."""
    try:
        return [
            Seal(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
        ]
    except (OSError, ValueError, TypeError) as error:
        raise UsageError(
            f"{path} is no file of seals: {error}", fix="kingston audit seal --export FILE"
        ) from error
