"""Rewriting sensitive fields while the portal is in use: keyset batches, compare-and-swap, nobody waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from .fields import Field

SIZE = 1000
# Moving a value to another key or into ciphertext is no edit: no history line, no new updated_at.
SETTINGS = (
    "SELECT set_config('kingston.revision', %(what)s, true), set_config('app.justification', %(what)s, true),"
    " set_config('app.current_user_id', %(actor)s, true)"
)


@dataclass(frozen=True)
class Row:
    """One value as it was read; ``seen`` is the row version (xmin) that a rewrite must still find."""

    id: int
    seen: str
    stored: str | None
    mask: str | None
    index: str | None


def condition_plain(field: Field) -> sql.Composable:
    """Rows whose value still stands in plain."""
    if field.mask:
        return sql.SQL("t.{} IS NULL AND t.{} <> ''").format(
            sql.Identifier(field.column), sql.Identifier(field.mask)
        )
    column = sql.Identifier(field.column)
    return sql.SQL("t.{} <> '' AND NOT is_field_envelope(t.{})").format(column, column)


def condition_other(field: Field, version: int, index: int | None) -> sql.Composable:
    """Rows whose ciphertext or blind index is of another key version than these; a missing index counts."""
    column = sql.Identifier(field.column)
    other = sql.SQL("is_field_envelope(t.{}) AND t.{} NOT LIKE {}").format(
        column, column, sql.Literal(f"enc:1:{version}:%%")
    )
    if field.index is None or index is None:
        return other
    return sql.SQL("({}) OR (t.{} IS NOT NULL AND coalesce(t.{}, '') NOT LIKE {})").format(
        other, column, sql.Identifier(field.index), sql.Literal(f"bidx:1:{index}:%%")
    )


def count(connection: psycopg.Connection[Any], field: Field, condition: sql.Composable) -> int:
    """How many rows meet the condition."""
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {} AS t WHERE {}").format(sql.Identifier(field.table), condition)
    ).fetchone()
    return int(row[0]) if row else 0


def read(
    connection: psycopg.Connection[Any], field: Field, condition: sql.Composable, size: int
) -> Iterator[list[Row]]:
    """The rows that meet the condition, in batches by key; each batch as it is when it is asked for."""
    names = [
        sql.SQL("t.{}").format(sql.Identifier(n)) if n else sql.SQL("NULL") for n in (field.mask, field.index)
    ]
    statement = sql.SQL(
        "SELECT t.{key}, t.xmin::text, t.{column}, {extra} FROM {table} AS t WHERE t.{key} > %s AND ({where})"
        " ORDER BY t.{key} LIMIT %s"
    ).format(
        key=sql.Identifier(field.key), column=sql.Identifier(field.column), extra=sql.SQL(", ").join(names),
        table=sql.Identifier(field.table), where=condition,
    )  # fmt: skip
    last = -(2**63)
    while rows := [Row(*row) for row in connection.execute(statement, (last, size)).fetchall()]:
        last = rows[-1].id
        yield rows


def write(
    connection: psycopg.Connection[Any], field: Field, rows: Sequence[tuple[Row, dict[str, str | None]]],
    what: str, actor: str,
) -> int:  # fmt: skip
    """Write new columns to rows that are still the version that was read and that nobody holds; the number written.

    The others are left for the next pass.  Parameters are ids, row versions, ciphertext and masks, never a plain value.
    """
    if not rows:
        return 0
    names = [n for n in (field.column, field.mask, field.index) if n and n in rows[0][1]]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL(
        "WITH d AS (SELECT * FROM unnest(%s::bigint[], %s::text[]{casts}) AS d (row_id, seen, {columns})),"
        " held AS (SELECT t.{key} AS row_id FROM {table} AS t JOIN d ON t.{key} = d.row_id AND t.xmin = d.seen::xid"
        " FOR NO KEY UPDATE OF t SKIP LOCKED)"
        " UPDATE {table} AS t SET {sets} FROM d JOIN held USING (row_id) WHERE t.{key} = d.row_id"
    ).format(
        casts=sql.SQL(", %s::text[]") * len(names), columns=columns, key=sql.Identifier(field.key),
        table=sql.Identifier(field.table),
        sets=sql.SQL(", ").join(sql.SQL("{0} = d.{0}").format(sql.Identifier(n)) for n in names),
    )  # fmt: skip
    values = [[made[name] for _, made in rows] for name in names]
    with connection.transaction():
        connection.execute(SETTINGS, {"what": what, "actor": actor})
        return connection.execute(
            statement, ([row.id for row, _ in rows], [row.seen for row, _ in rows], *values)
        ).rowcount
