"""Putting rows back where rules, keys and triggers may refuse them: in batches, and refused ones one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ...ddl.sqltext import render
from ...settings import Schemas
from .items import Item

BATCH = 500
# Not a matter of the row: lost connections, deadlocks, timeouts, a full disk, missing rights, bugs.
_NOT_THE_ROW = ("08", "25", "40", "42", "53", "57", "58", "XX")


@dataclass
class Count:
    """What became of the rows of one quarantine: how many went back (wholly or in part), why the others stay."""

    item: Item
    returned: int = 0
    staying: Counter[str] = field(default_factory=Counter)


def in_batches(
    connection: psycopg.Connection[Any],
    names: Schemas,
    places: Sequence[str],
    put: Callable[[Sequence[str]], int],
    count: Count,
) -> None:
    """Call ``put`` with up to 500 of ``places`` (ctids) at a time, each batch in a transaction of its own.

    A batch with a row that is refused is halved until the row stands alone; its refusal is counted as the
    reason why it stays.
    """
    for start in range(0, len(places), BATCH):
        _put(connection, names, places[start : start + BATCH], put, count)


def _put(
    connection: psycopg.Connection[Any],
    names: Schemas,
    places: Sequence[str],
    put: Callable[[Sequence[str]], int],
    count: Count,
) -> None:
    try:
        with connection.transaction():
            _as_movement(connection)
            returned = put(places)
            if returned:
                _register(connection, names, count.item, returned)
        count.returned += returned
    except psycopg.Error as error:
        if not of_the_row(error):
            raise
        if len(places) == 1:
            count.staying[refusal(connection, names, error)] += 1
            return
        half = len(places) // 2
        _put(connection, names, places[:half], put, count)
        _put(connection, names, places[half:], put, count)


def _as_movement(connection: psycopg.Connection[Any]) -> None:
    """Say for this transaction that rows are moved, not edited (E-050), and why, unless somebody gave a reason."""
    connection.execute(
        "SELECT set_config('kingston.revision', 'archive restore', true), set_config('lock_timeout', '2s', true),"
        " set_config('app.justification', coalesce(nullif(current_setting('app.justification', true), ''),"
        " 'brought back from quarantine by kingston archive restore'), true)"
    )


def _register(connection: psycopg.Connection[Any], names: Schemas, item: Item, returned: int) -> None:
    connection.execute(
        render(
            "SELECT @control@.log_movement('restored', %s, %s, nullif(%s::text[], '{}'), %s)", names
        ).encode(),
        (item.table, item.name, list(item.columns), returned),
    )


def of_the_row(error: psycopg.Error) -> bool:
    """Whether the row itself was refused."""
    return error.sqlstate is not None and error.sqlstate != "55P03" and error.sqlstate[:2] not in _NOT_THE_ROW


def refusal(connection: psycopg.Connection[Any], names: Schemas, error: psycopg.Error) -> str:
    """Why, without any value of the row: the detail of an error may print a secret."""
    constraint = error.diag.constraint_name
    if isinstance(error, psycopg.errors.UniqueViolation):
        columns = connection.execute(
            "SELECT string_agg(a.attname, ', ' ORDER BY k.place) FROM pg_index AS i"
            " CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (number, place)"
            " JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number"
            " WHERE i.indexrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))",
            (names.application, constraint),
        ).fetchone()
        return f"another row has the same {(columns and columns[0]) or 'value'} ({constraint})"
    if constraint:
        return f"refused by {constraint}"
    return f"refused: {error.diag.message_primary or type(error).__name__}"
