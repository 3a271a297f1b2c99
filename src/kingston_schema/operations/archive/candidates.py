"""Which rows in quarantine can go back: those whose parents are all there again."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from ...settings import Schemas
from .shape import Shape
from .tries import Count


def candidates(
    connection: psycopg.Connection[Any], names: Schemas, built: Shape, key: str | None, count: Count
) -> tuple[list[str], dict[tuple[str, ...], list[str]]]:
    """Places of rows whose parents are all there: taken out ones, and others by the columns they lost.

    Of several copies of one row the newest goes first; what has a known obstacle is counted with it.
    """
    lost = sql.SQL("q.quarantine_columns" if "quarantine_columns" in built.ours else "NULL::text[]")
    obstacles = sql.SQL(", ").join(_obstacles(connection, names, built, lost))
    query = sql.SQL(
        "SELECT s.ctid::text, s.lost, coalesce(s.obstacle, CASE WHEN s.copy > 1 THEN 'a newer copy of the row is there' END)"
        " FROM (SELECT q.ctid, {lost} AS lost, nullif(concat_ws(', ', {obstacles}), '') AS obstacle,"
        " row_number() OVER (PARTITION BY {key}, {lost} ORDER BY q.quarantined_at DESC) AS copy"
        " FROM {table} AS q WHERE {wanted}) AS s"
    ).format(
        lost=lost,
        obstacles=obstacles,
        key=built.key_text("q"),
        table=built.table,
        wanted=sql.SQL("true")
        if key is None
        else sql.SQL("{} = {}").format(built.key_text("q"), sql.Literal(key)),
    )
    whole: list[str] = []
    parts: dict[tuple[str, ...], list[str]] = {}
    for place, columns, obstacle in connection.execute(query).fetchall():
        if obstacle:
            count.staying[obstacle] += 1
        elif columns is None:
            whole.append(place)
        else:
            parts.setdefault(tuple(columns), []).append(place)
    return whole, parts


def _obstacles(
    connection: psycopg.Connection[Any], names: Schemas, built: Shape, lost: sql.Composable
) -> list[sql.Composable]:
    """For each obstacle an expression, NULL where it is none: a parent that is gone, a column that is not there.

    Of a row that stayed, only the keys it lost count.
    """
    keys = connection.execute(
        "SELECT k.confrelid::regclass::text, array_agg(l.attname::text ORDER BY u.place),"
        " array_agg(r.attname::text ORDER BY u.place), n.nspname, c.relname"
        " FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.confrelid"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " CROSS JOIN unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (here, there, place)"
        " JOIN pg_attribute AS l ON l.attrelid = k.conrelid AND l.attnum = u.here"
        " JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = u.there"
        " WHERE k.contype = 'f' AND k.conrelid = to_regclass(%s)"
        " GROUP BY k.oid, k.confrelid, n.nspname, c.relname ORDER BY k.conname",
        (built.portal.as_string(connection),),
    ).fetchall()
    found: list[sql.Composable] = []
    for said, here, there, schema, parent in keys:
        if not set(here) <= set(built.values):
            continue
        q = [sql.Identifier("q", column) for column in here]
        found.append(
            sql.SQL(
                "CASE WHEN ({lost} IS NULL OR {lost} && {here}) AND {given}"
                " AND NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE {join}) THEN {words} END"
            ).format(
                lost=lost,
                here=sql.SQL("ARRAY[{}]::text[]").format(sql.SQL(", ").join(map(sql.Literal, here))),
                given=sql.SQL(" AND ").join([sql.SQL("{} IS NOT NULL").format(c) for c in q]),
                parent=sql.Identifier(schema, parent),
                join=sql.SQL(" AND ").join(
                    [
                        sql.SQL("{} = {}").format(sql.Identifier("p", t), c)
                        for t, c in zip(there, q, strict=True)
                    ]
                ),
                words=sql.SQL("concat({}, {})").format(
                    sql.SQL(", ', ', ").join(
                        [
                            sql.SQL("{} , {}").format(sql.Literal(f"{h} "), c)
                            for h, c in zip(here, q, strict=True)
                        ]
                    ),
                    sql.Literal(f" is gone from {said}"),
                ),
            )
        )
    for column in built.homeless:
        found.append(
            sql.SQL("CASE WHEN {lost} IS NULL AND {c} IS NOT NULL THEN {words} END").format(
                lost=lost,
                c=sql.Identifier("q", column),
                words=sql.Literal(f"{built.item.table} has no column {column} of that type now"),
            )
        )
    return found or [sql.SQL("NULL::text")]
