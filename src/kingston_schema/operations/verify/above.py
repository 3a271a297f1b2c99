"""Writing through the new shape: rows for every table of Phase 2 that is there, values for every column."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from . import units
from .moving import Stopped
from .party import Party, invite
from .shape import Shape, has, parents_first

# What the database fills from other tables by itself; nobody writes there.
COMPUTED = frozenset(
    {"client_complete_summary", "client_ownership_summary", "client_dense_summary", "summary_dirty"}
)
# By design without a value: client groups have no description.
EMPTY = frozenset({"client_dense_summary.description"})
SETTINGS = {"app.current_user_id": "7", "app.justification": "a rehearsal ☃", "app.correlation_id": "r-1"}


def write(connection: psycopg.Connection[Any], upper: Shape, lower: Shape, round_: str) -> Party:
    """Invite a party and write to every table and column of ``upper`` that Phase 2 added.

    A profile that will be deleted below edits only what is not in ``lower``: a row that stays would hold it.
    """
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    party = invite(connection, round_)
    connection.execute("ALTER TABLE party ADD COLUMN editor_id bigint")
    connection.execute(units.text("extremes.sql").encode())
    for needs, statement in units.changes().values():
        if needs == "migration_control" and has(upper, needs):
            connection.execute(statement.encode())  # first: it says whether secrets may be readable
    for name in parents_first(upper):
        if name in units.rows():
            with _naming(f"rows of {name}"):
                _insert(connection, upper, name, party, stays=name in lower)
    for name, (needs, statement) in units.changes().items():
        if needs != "migration_control" and has(upper, needs):
            with _naming(f"the changes of {name}"):
                connection.execute(statement.encode())
    if has(upper, "summary_dirty"):
        connection.execute("SELECT refresh_dirty_summaries()")
    connection.execute("DROP TABLE party CASCADE")
    return party


@contextmanager
def _naming(what: str) -> Iterator[None]:
    try:
        yield
    except psycopg.DatabaseError as error:
        if error.sqlstate is None:  # the connection, not the statement
            raise
        raise Stopped("up", f"{what} are refused", error) from error


def _insert(connection: psycopg.Connection[Any], upper: Shape, name: str, party: Party, stays: bool) -> None:
    steady = party.members["stays"]["profile_id"]
    connection.execute(
        "UPDATE party SET editor_id = CASE WHEN %s AND role = 'profile_deleted' THEN %s::bigint ELSE profile_id END",
        (stays, steady),
    )
    query = units.rows()[name].encode()
    offered = connection.execute(b"SELECT * FROM (" + query + b"\n) AS q LIMIT 0").description or []
    table = upper[name]
    chosen = [c.name for c in offered if c.name in table.columns and c.name not in table.given]
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM (")
        .format(
            sql.Identifier(name),
            sql.SQL(", ").join(map(sql.Identifier, chosen)),
            # As text and back: the same words for whatever type the column has.
            sql.SQL(", ").join(
                sql.SQL("q.{}::text::{}").format(sql.Identifier(c), sql.SQL(table.columns[c])) for c in chosen
            ),
        )
        .as_bytes(connection)
        + query
        + b"\n) AS q"
    )
