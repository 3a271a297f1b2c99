"""Rows in quarantine go back into their table once what stood in their way is gone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from .candidates import candidates
from .shape import Shape
from .tries import Count, in_batches


def put_back(
    connection: psycopg.Connection[Any],
    names: Schemas,
    built: Shape,
    beside: Sequence[Shape],
    key: str | None,
) -> Count:
    """Put back what can go of ``quarantine__<table>``; ``beside``: the archives of single columns of that table.

    A row that was taken out is inserted, with the values that ``beside`` keeps for it.  Where only a reference was
    lost, it is written into the row that stayed.
    """
    count = Count(built.item)
    whole, parts = candidates(connection, names, built, key, count)
    in_batches(connection, names, whole, partial(_insert, connection, built, beside), count)
    for columns, places in parts.items():
        in_batches(connection, names, places, partial(_fill, connection, built, columns, count), count)
    return count


def _insert(
    connection: psycopg.Connection[Any], built: Shape, beside: Sequence[Shape], places: Sequence[str]
) -> int:
    """Move rows from quarantine into the table, keys as they were, with what other archives keep of them."""
    values: dict[str, list[sql.Composable]] = {c: [sql.Identifier("g", c)] for c in built.shared}
    joins: list[sql.Composable] = []
    for number, other in enumerate(beside):
        alias = f"v{number}"
        joins.append(
            sql.SQL(
                " LEFT JOIN LATERAL (SELECT v.* FROM {table} AS v WHERE {same} AND v.quarantined_at IS NOT NULL"
                " ORDER BY v.quarantined_at DESC LIMIT 1) AS {alias} ON true"
            ).format(table=other.table, same=other.same_row("v", "g"), alias=sql.Identifier(alias))
        )
        for column in set(other.shared) - set(other.key):
            values.setdefault(column, []).append(sql.Identifier(alias, column))
    statement = sql.SQL(
        "WITH gone AS (DELETE FROM {table} WHERE ctid = ANY (%s::tid[]) RETURNING *)"
        " INSERT INTO {portal} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM gone AS g{joins}"
    ).format(
        table=built.table,
        portal=built.portal,
        columns=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(
            [sql.SQL("coalesce({})").format(sql.SQL(", ").join(found)) for found in values.values()]
        ),
        joins=sql.Composed(joins),
    )
    return connection.execute(statement, (list(places),)).rowcount


def _fill(
    connection: psycopg.Connection[Any],
    built: Shape,
    columns: Sequence[str],
    count: Count,
    places: Sequence[str],
) -> int:
    """Write lost values into the rows that stayed, where nothing was written since; then the copies go."""

    def each(words: str, between: str) -> sql.Composable:
        return sql.SQL(between).join([sql.SQL(words).format(c=sql.Identifier(column)) for column in columns])

    parts = {
        "table": built.table,
        "portal": built.portal,
        "same": built.same_row("t", "q"),
        "set": each("{c} = q.{c}", ", "),
        "empty": each("t.{c} IS NULL", " AND "),
        "there": each("t.{c}::text IS NOT DISTINCT FROM q.{c}::text", " AND "),
        "key": sql.Identifier("t", built.key[0]),
    }
    chosen = (list(places),)
    connection.execute(
        sql.SQL(
            "UPDATE {portal} AS t SET {set} FROM {table} AS q WHERE {same} AND {empty} AND q.ctid = ANY (%s::tid[])"
        ).format(**parts),
        chosen,
    )
    back = connection.execute(
        sql.SQL(
            "DELETE FROM {table} AS q USING {portal} AS t WHERE {same} AND {there} AND q.ctid = ANY (%s::tid[])"
        ).format(**parts),
        chosen,
    ).rowcount
    left = connection.execute(
        sql.SQL(
            "SELECT {key} IS NULL, count(*) FROM {table} AS q LEFT JOIN {portal} AS t ON {same}"
            " WHERE q.ctid = ANY (%s::tid[]) GROUP BY 1"
        ).format(**parts),
        chosen,
    )
    for gone, rows in left.fetchall():
        reason = (
            f"the row was deleted from {built.item.table} since"
            if gone
            else f"a newer value stands in {', '.join(columns)}"
        )
        count.staying[reason] += rows
    return back
