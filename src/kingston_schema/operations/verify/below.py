"""Writing through the old shape, statement by statement, each committed alone, as the Phase 1 application does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from . import units
from .moving import Stopped
from .party import Party, invite, seat
from .shape import Shape, has

# The step after which the upgrade reads a new telephone number.
NUMBER = "a first number is given to an owner who has one in the archive"
FILES = ("below/quiet.sql", "below/conflicts.sql")


@dataclass(frozen=True)
class Written:
    """``transactions``: ids of those that wrote; ``newcomers``: a party that came below; ``steps``: what was done."""

    transactions: tuple[str, ...]
    newcomers: Party
    steps: tuple[str, ...]


def write(connection: psycopg.Connection[Any], upper: Shape, lower: Shape, party: Party) -> Written:
    """Everything of sql/rehearsal/below that ``lower`` has room for."""
    transactions = []
    with connection.transaction():
        newcomers = invite(connection, f"{party.round} below", ("newcomer",))
        transactions.append(_transaction(connection))
    seat(connection, party)
    done = []
    for path in FILES:
        for step in units.steps(path):
            if all(_holds(c, upper, lower) for c in step.conditions):
                try:
                    with connection.transaction():
                        connection.execute(step.text.encode())
                        transactions.append(_transaction(connection))
                except psycopg.DatabaseError as error:
                    if error.sqlstate is None:  # the connection, not the statement
                        raise
                    raise Stopped("down", f"what people do below is refused ({step.name})", error) from error
                done.append(step.name)
    return Written(tuple(transactions), newcomers, tuple(done))


def _holds(condition: tuple[str, str, str], upper: Shape, lower: Shape) -> bool:
    where, what, name = condition
    return has(upper if where == "above" else lower, name) == (what == "has")


def _transaction(connection: psycopg.Connection[Any]) -> str:
    row = connection.execute("SELECT (pg_current_xact_id()::text::bigint & 4294967295)::text").fetchone()
    assert row is not None
    return str(row[0])
