"""What is really there: every live row and everything in the archive, value for value as text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
from psycopg import sql

from . import catalogue
from .rows import Row

Key = tuple[str | None, ...]
ARCHIVE = "kingston_archive"


@dataclass
class Archive:
    """``tables``: whole tables; ``columns``: values by key that wait; ``kept``: table → (row, reason) in quarantine."""

    tables: dict[str, dict[Key, Row]] = field(default_factory=dict)
    columns: dict[tuple[str, str], dict[Key, Row]] = field(default_factory=dict)
    kept: dict[str, list[tuple[Row, str]]] = field(default_factory=dict)


def live(connection: psycopg.Connection[Any], revision: str) -> dict[str, str]:
    """Table → all its rows as one JSON text, in the order of the key."""
    return dict(connection.execute(_live(revision)).fetchall())


def rows(table: str, revision: str, text: str) -> dict[Key, Row]:
    """The rows in such a text by key."""
    names = catalogue.columns(revision)[table]
    key = [names.index(name) for name in catalogue.key(table)]
    return {
        tuple(values[at] for at in key): dict(zip(names, values, strict=True)) for values in json.loads(text)
    }


@cache
def _live(revision: str) -> bytes:
    return _everything("public", tuple(catalogue.columns(revision).items()))


@cache
def _everything(schema: str, tables: tuple[tuple[str, tuple[str, ...]], ...]) -> bytes:
    """One statement for all rows of these tables; composed once, which takes longer than running it."""
    each = (sql.SQL("SELECT {}, {}").format(table, _all(schema, table, names)) for table, names in tables)
    return sql.SQL(" UNION ALL ").join(each).as_bytes()


def _all(schema: str, table: str, names: tuple[str, ...]) -> sql.Composed:
    """All rows of a table as one text."""
    order = (
        [name for name in catalogue.key(table) if name in names]
        if table in catalogue.columns(catalogue.HEAD)
        else []
    )
    return sql.SQL("(SELECT coalesce(json_agg(ARRAY[{}]{})::text, '[]') FROM {})").format(
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in names),
        sql.SQL(" ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, order)))
        if order
        else sql.SQL(""),
        sql.Identifier(schema, table),
    )


def archive(connection: psycopg.Connection[Any]) -> Archive:
    """Everything in the archive schema."""
    rows = connection.execute(
        "SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname",
        [ARCHIVE],
    ).fetchall()
    names = {name: tuple(columns) for name, columns in rows}
    found = Archive()
    if not names:
        return found
    for name, text in connection.execute(_everything(ARCHIVE, tuple(names.items()))):
        _sort(found, name, [dict(zip(names[name], values, strict=True)) for values in json.loads(text)])
    return found


def _sort(found: Archive, name: str, held: list[Row]) -> None:
    table, _, revision = name.partition("__")
    if table == "quarantine":
        for row in held:
            reason = row.pop("quarantine_reason") or ""
            del row["quarantined_at"], row["quarantine_run"]
            found.kept.setdefault(revision, []).append((row, reason))
    elif revision:
        waiting = found.columns.setdefault((table, revision), {})
        for row in held:
            quarantined, reason = row.pop("quarantined_at"), row.pop("reason")
            if quarantined is None:
                waiting[tuple(row[part] for part in catalogue.key(table))] = row
            else:
                found.kept.setdefault(table, []).append((row, reason or ""))
    else:
        found.tables[name] = {tuple(row[part] for part in catalogue.key(name)): row for row in held}
