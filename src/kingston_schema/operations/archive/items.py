"""The tables of the archive schema: what each is, where it came from, how many rows it holds."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from ...ddl.sqltext import render
from ...errors import UsageError
from ...settings import Schemas


@dataclass(frozen=True)
class Item:
    """One table of the archive schema.

    ``kind``: ``table`` (a whole table), ``columns`` (values of columns, by primary key), ``quarantine`` (rows
    that could not go back) or ``unregistered`` (nobody recorded how it came here).  ``revision`` and ``run``: of
    the rollback that brought it here, for quarantine of the upgrade that could not bring it back.
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...]
    revision: str | None
    run: str | None
    archived_at: datetime | None
    rows: int
    quarantined: int
    reasons: tuple[str, ...]


def resting(connection: psycopg.Connection[Any], names: Schemas) -> list[Item]:
    """Every table of the archive schema with its rows, counted; emptied ones of our own are left out.

    So are the unfinished copies of an interrupted rollback: their values still stand in the portal.
    """
    tables = connection.execute(
        "WITH held AS (SELECT c.relname, obj_description(c.oid, 'pg_class') LIKE 'copied from file %%' AS unfinished"
        "  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        "  WHERE n.nspname = %s AND c.relkind IN ('r', 'p'))"
        " SELECT h.relname FROM held AS h WHERE h.unfinished IS NOT TRUE AND NOT EXISTS (SELECT 1 FROM held AS u"
        "  WHERE u.unfinished AND h.relname = regexp_replace(u.relname, '__copy$', '__changed')) ORDER BY 1",
        (names.archive,),
    ).fetchall()
    register = _register(connection, names) if tables else {}
    found = [_item(connection, names, name, register.get(name)) for (name,) in tables]
    return [item for item in found if item.rows or item.kind == "table"]


def counted(connection: psycopg.Connection[Any], names: Schemas, name: str) -> Item:
    """The table ``name`` of the archive schema, counted."""
    return _item(connection, names, name, _register(connection, names).get(name))


def meant_by(items: list[Item], name: str) -> list[Item]:
    """The items of that name, and those of the table of that name; raises UsageError where there is none."""
    found = [item for item in items if name in (item.name, item.table)]
    if found:
        return found
    known = sorted({item.name for item in items} | {item.table for item in items})
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f'the archive holds nothing named "{name}"{hint}',
        fix="kingston archive lists what it holds",
        obj=name,
    )


def registered(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether the portal has a register of its archive."""
    row = connection.execute(
        "SELECT to_regclass(%s) IS NOT NULL", (render("@control@.archive_entry", names),)
    ).fetchone()
    return bool(row and row[0])


def _register(connection: psycopg.Connection[Any], names: Schemas) -> dict[str, tuple[Any, ...]]:
    """Archive table → its last entry in the register."""
    if not registered(connection, names):
        return {}
    rows = connection.execute(
        render(
            "SELECT DISTINCT ON (archive_name)"
            " archive_name, movement, table_name, columns, revision, run_id, moved_at"
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
            "SELECT count(*), count(*) FILTER (WHERE {0}),"
            " (array_agg(DISTINCT split_part({1}, ': archived', 1)) FILTER (WHERE {0}))[1:5]"
            " FROM {2}"
        ).format(sql.SQL(condition), sql.SQL(reason), sql.Identifier(names.archive, name))
    ).fetchone()
    assert counted is not None
    rows, quarantined, reasons = counted
    _, table, columns, revision, run, moved_at = entry or (
        None,
        name.removeprefix("quarantine__"),
        None,
        None,
        None,
        None,
    )
    return Item(
        name=name,
        kind=kind,
        table=table,
        columns=tuple(columns or ()) if kind == "columns" else (),
        revision=revision,
        run=run,
        archived_at=moved_at,
        rows=rows,
        quarantined=quarantined,
        reasons=tuple(reason for reason in reasons or () if reason),
    )
