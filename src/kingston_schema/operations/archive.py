"""What rests in the archive: tables and values that a rollback took out, and what is in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from .. import db
from ..ddl.sqltext import render
from ..settings import Schemas, schemas


@dataclass(frozen=True)
class Item:
    """One table of the archive schema.

    ``kind``: ``table`` (a whole table), ``columns`` (values of columns, by primary key), ``quarantine`` (rows
    that could not go back) or ``unregistered`` (nobody recorded how it came here).
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...]
    revision: str | None
    archived_at: datetime | None
    rows: int
    quarantined: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What ``kingston archive`` says."""

    schema: str
    archive: str
    items: tuple[Item, ...]
    rows: int
    quarantined: int


def run(url: str, schema: str | None = None, *, quarantine: bool = False) -> Report:
    """List the archive; reads only.  ``quarantine``: only what could not go back."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("SET default_transaction_read_only = on")
        items = [item for item in resting(connection, names) if item.quarantined or not quarantine]
    return Report(
        schema=names.application,
        archive=names.archive,
        items=tuple(items),
        rows=sum(item.rows for item in items),
        quarantined=sum(item.quarantined for item in items),
    )


def resting(connection: psycopg.Connection[Any], names: Schemas) -> list[Item]:
    """Every table of the archive schema with its rows, counted; emptied ones of our own are left out."""
    tables = connection.execute(
        "SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind IN ('r', 'p') ORDER BY c.relname",
        (names.archive,),
    ).fetchall()
    register = _register(connection, names) if tables else {}
    found = [_item(connection, names, name, register.get(name)) for (name,) in tables]
    return [item for item in found if item.rows or item.kind == "table"]


def _register(connection: psycopg.Connection[Any], names: Schemas) -> dict[str, tuple[Any, ...]]:
    """Archive table → its last entry in the register."""
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", (render("@control@.archive_entry", names),)
    ).fetchone()
    if not (row and row[0]):
        return {}
    rows = connection.execute(
        render(
            "SELECT DISTINCT ON (archive_name)"
            " archive_name, movement, table_name, columns, revision, moved_at"
            " FROM @control@.archive_entry WHERE movement IN ('archived', 'quarantined')"
            " ORDER BY archive_name, (movement = 'archived') DESC, id DESC",
            names,
        ).encode()
    )
    return {row[0]: row[1:] for row in rows}


def _item(
    connection: psycopg.Connection[Any], names: Schemas, name: str, entry: tuple[Any, ...] | None
) -> Item:
    present = {
        row[0]
        for row in connection.execute(
            "SELECT attname FROM pg_attribute"
            " WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
            (f'"{names.archive}"."{name}"',),
        )
    }
    # Our own columns beside the values tell what it is: see quarantine_rows and archive_columns.
    if {"quarantined_at", "quarantine_reason"} <= present:
        kind, reason, condition = "quarantine", "quarantine_reason", "true"
    elif {"quarantined_at", "reason"} <= present and (entry is None or entry[2]):
        kind, reason, condition = "columns", "reason", "quarantined_at IS NOT NULL"
    else:
        kind, reason, condition = ("table" if entry else "unregistered"), "NULL::text", "false"
    counted = connection.execute(
        sql.SQL(
            "SELECT count(*), count(*) FILTER (WHERE {0}), (array_agg(DISTINCT {1}) FILTER (WHERE {0}))[1:5]"
            " FROM {2}"
        ).format(sql.SQL(condition), sql.SQL(reason), sql.Identifier(names.archive, name))
    ).fetchone()
    assert counted is not None
    rows, quarantined, reasons = counted
    _, table, columns, revision, moved_at = entry or (
        None,
        name.removeprefix("quarantine__"),
        None,
        None,
        None,
    )
    return Item(
        name=name,
        kind=kind,
        table=table,
        columns=tuple(columns or ()),
        revision=revision,
        archived_at=moved_at,
        rows=rows,
        quarantined=quarantined,
        reasons=tuple(reason for reason in reasons or () if reason),
    )
