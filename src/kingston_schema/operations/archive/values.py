"""Values in quarantine go back into the columns they came from, where the row is there and nothing newer stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from .shape import Shape
from .tries import Count, in_batches, of_the_row, refusal


def put_back(connection: psycopg.Connection[Any], names: Schemas, built: Shape, key: str | None) -> Count:
    """Put back what can go of an archive of values; of several copies of a row the newest goes first."""
    count = Count(built.item)
    columns = [column for column in built.shared if column not in built.key]
    query = sql.SQL(
        "SELECT s.ctid::text, s.gone, s.copy FROM (SELECT a.ctid, {there} IS NULL AS gone,"
        " row_number() OVER (PARTITION BY {key} ORDER BY a.quarantined_at DESC) AS copy"
        " FROM {table} AS a LEFT JOIN {portal} AS t ON {same} WHERE a.quarantined_at IS NOT NULL AND {wanted}) AS s"
    ).format(
        there=sql.Identifier("t", built.key[0]),
        key=built.key_text("a"),
        table=built.table,
        portal=built.portal,
        same=built.same_row("t", "a"),
        wanted=sql.SQL("true")
        if key is None
        else sql.SQL("{} = {}").format(built.key_text("a"), sql.Literal(key)),
    )
    places = []
    for place, gone, copy in connection.execute(query).fetchall():
        if gone:
            count.staying[f"there is no such row in {built.item.table}"] += 1
        elif copy > 1:
            count.staying["a newer copy of the row is there"] += 1
        else:
            places.append(place)

    def put(some: Sequence[str]) -> int:
        if len(some) > 1:
            return _fill(connection, built, columns, some, count)
        return _one(connection, names, built, columns, some[0], count)

    in_batches(connection, names, places, put, count)
    return count


def _one(
    connection: psycopg.Connection[Any],
    names: Schemas,
    built: Shape,
    columns: Sequence[str],
    place: str,
    count: Count,
) -> int:
    """One row: where a rule refuses a value of it, its other values go back all the same."""
    try:
        with connection.transaction():
            return _fill(connection, built, columns, [place], count)
    except psycopg.Error as error:
        if not of_the_row(error) or len(columns) == 1:
            raise
    refusals = []
    for column in columns:
        try:
            with connection.transaction():
                _write(connection, built, [column], [place])
        except psycopg.Error as error:
            if not of_the_row(error):
                raise
            refusals.append(f"{column} {refusal(connection, names, error)}")
    return _settle(connection, built, columns, [place], count, ", ".join(refusals))


def _fill(
    connection: psycopg.Connection[Any],
    built: Shape,
    columns: Sequence[str],
    places: Sequence[str],
    count: Count,
) -> int:
    _write(connection, built, columns, places)
    return _settle(connection, built, columns, places, count)


def _each(words: str, between: str, columns: Sequence[str]) -> sql.Composable:
    parts = [sql.SQL(words).format(c=sql.Identifier(column), n=sql.Literal(column)) for column in columns]
    return sql.SQL(between).join(parts)


def _write(
    connection: psycopg.Connection[Any], built: Shape, columns: Sequence[str], places: Sequence[str]
) -> None:
    """Fill the empty columns of the rows."""
    connection.execute(
        sql.SQL(
            "UPDATE {portal} AS t SET {set} FROM {table} AS a WHERE {same} AND a.ctid = ANY (%s::tid[]) AND ({any})"
        ).format(
            portal=built.portal,
            table=built.table,
            same=built.same_row("t", "a"),
            set=_each("{c} = coalesce(t.{c}, a.{c})", ", ", columns),
            any=_each("(t.{c} IS NULL AND a.{c} IS NOT NULL)", " OR ", columns),
        ),
        (list(places),),
    )


def _settle(
    connection: psycopg.Connection[Any],
    built: Shape,
    columns: Sequence[str],
    places: Sequence[str],
    count: Count,
    refused: str = "",
) -> int:
    """What stands in the portal now leaves the archive; of how many rows.  What is left says why it stays."""
    parts: dict[str, sql.Composable] = {
        "portal": built.portal,
        "table": built.table,
        "same": built.same_row("t", "a"),
        "set": _each("{c} = CASE WHEN t.{c}::text = a.{c}::text THEN NULL ELSE a.{c} END", ", ", columns),
        "changed": _each("t.{c}::text = a.{c}::text", " OR ", columns),
        "none": _each("(a.{c} IS NULL OR t.{c}::text = a.{c}::text)", " AND ", columns),
        "taken": _each("CASE WHEN t.{c}::text <> a.{c}::text THEN {n} END", ", ", columns),
        "absent": sql.SQL("NULL"),
        "refused": sql.Literal(refused or None),
    }
    if built.homeless:  # a value that has no column now stays in any case
        parts["none"] += sql.SQL(" AND ") + _each("a.{c} IS NULL", " AND ", built.homeless)
        parts["absent"] = _each("CASE WHEN a.{c} IS NOT NULL THEN {n} END", ", ", built.homeless)
    parts["why"] = sql.SQL(
        "concat_ws('; ', 'a newer value stands in ' || nullif(concat_ws(', ', {taken}), ''), {refused}::text,"
        " 'no column of that type now: ' || nullif(concat_ws(', ', {absent}), ''))"
    ).format(**parts)
    chosen = (list(places),)
    gone = connection.execute(
        sql.SQL(
            "DELETE FROM {table} AS a USING {portal} AS t WHERE {same} AND a.ctid = ANY (%s::tid[]) AND {none}"
        ).format(**parts),
        chosen,
    ).rowcount
    left = connection.execute(
        sql.SQL(
            "SELECT {why}, count(*) FROM {table} AS a JOIN {portal} AS t ON {same}"
            " WHERE a.ctid = ANY (%s::tid[]) GROUP BY 1"
        ).format(**parts),
        chosen,
    )
    for why, rows in left.fetchall():
        count.staying[why] += rows
    part = connection.execute(
        sql.SQL(
            "UPDATE {table} AS a SET {set}, reason = {why} FROM {portal} AS t"
            " WHERE {same} AND a.ctid = ANY (%s::tid[]) AND ({changed})"
        ).format(**parts),
        chosen,
    ).rowcount
    return gone + part
