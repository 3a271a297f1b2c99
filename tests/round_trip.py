"""Down to the revision below and up again, with rows in the tables: what every such revision has to hold."""

from __future__ import annotations

from typing import Any

from kingston_schema.catalog import fingerprint

SCHEMA = "public"


def contents(portal: Any, table: str, schema: str = SCHEMA) -> list[str]:
    """Every row of a table as text, in a fixed order."""
    return portal.all(f"SELECT t::text FROM {schema}.{table} AS t ORDER BY t::text")


def down_and_up(portal: Any, portal_at: Any, below: str, at: str, *tables: str) -> None:
    """Archive ``tables`` and bring them back: same rows, same catalogue below and above."""
    never_up = fingerprint.read(portal_at(below).connection, SCHEMA)
    before = fingerprint.read(portal.connection, SCHEMA)
    rows = {table: contents(portal, table) for table in tables}
    assert all(rows.values()), "a round trip over empty tables proves nothing"
    portal.alembic("downgrade", below)
    assert fingerprint.differences(never_up, fingerprint.read(portal.connection, SCHEMA)) == []
    assert {table: contents(portal, table, "kingston_archive") for table in tables} == rows
    portal.alembic("upgrade", at)
    assert fingerprint.differences(before, fingerprint.read(portal.connection, SCHEMA)) == []
    assert {table: contents(portal, table) for table in tables} == rows


def quarantined(portal: Any, table: str) -> list[tuple[int, str]]:
    """(id, reason) of the rows that could not come back."""
    return portal.all(f"SELECT id, quarantine_reason FROM kingston_archive.quarantine__{table} ORDER BY id")
