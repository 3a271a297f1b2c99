"""What the tests of the sample data share: a small size, the checksum of its rows, a listener."""

from __future__ import annotations

import hashlib

from kingston_schema.operations import _sample
from portals import Portal

SMALL = {"clients": 20, "products": 101, "seed": 7}
# All rows of all tables of SMALL.  They change only when the sample data are changed on purpose.
CHECKSUM = "1a4c0f26e1adde94086d7bd56a944872d2917bfe1074e0e9a42b0565a2fc917f"
CHECKSUM_OF_PHONES = "ec1792bb4b148f6bf4be6295186b88b2ee1c48fbaceed7de487fbf3a0b9067e4"
TABLES = list(_sample.inserts(_sample.sections(**SMALL, legacy_phones=False)))
KEYS = {"authentication": "auth_id", "session": "session_id"}


def checksum(portal: Portal, tables: list[str] = TABLES) -> str:
    """One number for every byte of ``tables``, read in the order of their keys."""
    connection = portal.connect()
    connection.execute("SET timezone TO 'UTC'")
    whole = hashlib.sha256()
    for table in sorted(tables):
        key = KEYS.get(table, "id")
        rows = connection.execute(
            f'SELECT md5(string_agg(t::text, chr(10) ORDER BY {key}::text COLLATE "C")) FROM {table} AS t'
        ).fetchone()
        whole.update(f"{table} {rows[0]}\n".encode())
    return whole.hexdigest()


class Listener:
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, int, int | None]] = []
        self.notes: list[str] = []

    def progress(self, what: str, done: int, total: int | None) -> None:
        self.heard.append((what, done, total))

    def note(self, text: str) -> None:
        self.notes.append(text)
