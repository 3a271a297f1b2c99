"""Ownership documents in quarantine: judged again by the rule that judged them on the way up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from ...ddl.sqltext import render
from ...settings import Schemas
from .shape import Shape
from .tries import Count, in_batches

ARCHIVE = "client_products__phase_3_ownership"


def put_back(connection: psycopg.Connection[Any], names: Schemas, built: Shape, key: str | None) -> Count:
    """Give each product its newest document in quarantine another chance (settle_archived_ownership).

    It comes back exactly where the links name its owners again and nobody wrote another document since.
    """
    count = Count(built.item)
    query = sql.SQL(
        "SELECT DISTINCT ON (a.id) a.ctid::text FROM {table} AS a WHERE a.quarantined_at IS NOT NULL AND {wanted}"
        " ORDER BY a.id, a.quarantined_at DESC"
    ).format(
        table=built.table,
        wanted=sql.SQL("true")
        if key is None
        else sql.SQL("{} = {}").format(built.key_text("a"), sql.Literal(key)),
    )
    places = [row[0] for row in connection.execute(query).fetchall()]
    in_batches(connection, names, places, lambda some: _settle(connection, names, built, some, count), count)
    older = connection.execute(
        sql.SQL(
            "SELECT count(*) - count(DISTINCT a.id) FROM {table} AS a WHERE a.quarantined_at IS NOT NULL AND {wanted}"
        ).format(
            table=built.table,
            wanted=sql.SQL("true")
            if key is None
            else sql.SQL("{} = {}").format(built.key_text("a"), sql.Literal(key)),
        )
    ).fetchone()
    if older and older[0]:
        count.staying["a newer copy of the document is there"] += older[0]
    return count


def _settle(
    connection: psycopg.Connection[Any], names: Schemas, built: Shape, places: Sequence[str], count: Count
) -> int:
    parts = {"table": built.table}
    before = connection.execute(
        sql.SQL(
            "WITH was AS MATERIALIZED (SELECT a.id, a.quarantined_at FROM {table} AS a WHERE a.ctid = ANY (%s::tid[])),"
            " tried AS (UPDATE {table} AS a SET quarantined_at = NULL, reason = NULL WHERE a.ctid = ANY (%s::tid[]))"
            " SELECT w.id, w.quarantined_at FROM was AS w ORDER BY w.id"
        ).format(**parts),
        (list(places), list(places)),
    ).fetchall()
    ids = [row[0] for row in before]
    connection.execute(
        render("SELECT @control@.settle_archived_ownership(%s, %s)", names).encode(), (ids[0] - 1, ids[-1])
    )
    # What stays keeps the time at which it came into quarantine; the reason is today's.
    left = connection.execute(
        sql.SQL(
            "UPDATE {table} AS a SET quarantined_at = w.at, reason = coalesce(a.reason, 'the product is being written')"
            " FROM unnest(%s::bigint[], %s::timestamptz[]) AS w (id, at) WHERE a.id = w.id"
            " AND (a.quarantined_at IS NULL OR a.quarantined_at >= transaction_timestamp()) RETURNING a.reason"
        ).format(**parts),
        (ids, [row[1] for row in before]),
    ).fetchall()
    for (reason,) in left:
        count.staying[_without_owners(reason)] += 1
    return len(ids) - len(left)


def _without_owners(reason: str) -> str:
    """The reason without the ids, so that documents of many products count as one."""
    return reason.split(": archived", 1)[0]
