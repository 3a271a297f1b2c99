"""Room for what a rollback copies: what it needs, and what is free where the server's disk can be seen from here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from ..sqltext import quote
from .dependents import our_columns
from .problem import Problem
from .steps import Copied

# A row in a table: line pointer, header, key; the values come on top.
ROW_BYTES = 36


def needed(connection: psycopg.Connection[Any], schema: str, table: str, columns: Sequence[str]) -> int:
    """At least so many bytes will the copy of ``columns`` of ``table`` take; 0 where it has none of them.

    Measured, by reading the table once: rows that hold a value, and the size of the values as they are stored.
    """
    present = [
        row[0]
        for row in connection.execute(
            "SELECT a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s AND a.attname = ANY (%s) AND NOT a.attisdropped",
            (schema, table, list(columns)),
        )
    ]
    if not present:
        return 0
    each = [sql.Identifier(column) for column in present]
    row = connection.execute(
        sql.SQL("SELECT count(*), coalesce(sum({size}), 0) FROM {table} WHERE {any}").format(
            size=sql.SQL(" + ").join([sql.SQL("coalesce(pg_column_size({}), 0)").format(c) for c in each]),
            table=sql.Identifier(schema, table),
            any=sql.SQL(" OR ").join([sql.SQL("{} IS NOT NULL").format(c) for c in each]),
        )
    ).fetchone()
    return int(row[0]) * ROW_BYTES + int(row[1]) if row else 0


def free(connection: psycopg.Connection[Any]) -> int | None:
    """Free bytes where a new table of this session goes; None where that cannot be known.

    It is known only when the server runs on this machine and lets us look: stock PostgreSQL has no function that
    tells, and a path that the server names may be another disk on this machine.  So the disk is looked at through
    the server process itself, after its start time has proven that it is the one behind this connection.
    """
    row = connection.execute(
        "SELECT extract(epoch FROM pg_postmaster_start_time())::float8, pg_tablespace_location(coalesce("
        " (SELECT s.oid FROM pg_tablespace AS s WHERE s.spcname = current_setting('default_tablespace')),"
        " (SELECT d.dattablespace FROM pg_database AS d WHERE d.datname = current_database())))"
    ).fetchone()
    assert row is not None
    started, location = row
    process = f"/proc/{connection.info.backend_pid}"
    try:
        with open(f"{process}/cwd/postmaster.pid", encoding="utf-8") as file:
            recorded = int(file.read().splitlines()[2])
        if abs(recorded - started) > 2:
            return None
        disk = os.statvfs(f"{process}/root{location}" if location else f"{process}/cwd")
    except (OSError, ValueError, IndexError):
        return None
    return disk.f_bavail * disk.f_frsize


def short(connection: psycopg.Connection[Any], names: Schemas, copied: list[Copied]) -> list[Problem]:
    """Too little room for the values that are copied; whole tables move and need none."""
    room = free(connection)
    if room is None:
        return []
    wanted: dict[str, int] = {}
    for copy in copied:
        row = connection.execute(
            "SELECT pg_table_size(to_regclass(%s))", (f"{quote(names.application)}.{quote(copy.table)}",)
        ).fetchone()
        if row and row[0] and row[0] > room - sum(wanted.values()):  # else it fits without being measured
            columns = our_columns(connection, names, copy)
            wanted[copy.table] = needed(connection, names.application, copy.table, columns)
    if sum(wanted.values()) <= room:
        return []
    user = connection.execute("SELECT quote_ident(current_user)").fetchone()
    return [
        Problem(
            f"the archive needs {_size(sum(wanted.values()))} for values of {', '.join(wanted)};"
            f" {_size(room)} are free where it would be",
            "make room on that disk, or let it be another one:"
            f" ALTER ROLE {user[0] if user else ''} SET default_tablespace = <one with room>",
        )
    ]


def _size(count: int) -> str:
    return f"{count / 2**20:,.1f} MB" if count >= 2**20 else f"{count / 1024:,.0f} kB"
