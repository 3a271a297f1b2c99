"""Writing a plan: deletes before inserts before updates, in the transaction that is open."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from ...errors import NotAsExpected, RefusedError
from ..audit.tracked import Tracked
from . import replay
from .change import Change
from .columns import Columns
from .ground import Ground
from .plan import STATEMENTS

# They would change what is being put back: times and actors of the last change, steps of a status, dates of today.
QUIET = ("touch_updated_at", "touch_product_owner", "apply_action_status", "check_product_owner_dates",
         "check_unmanaged_product_status", "check_valuation_date")  # fmt: skip
# Links and ownership follow each other, but not while both are put back.
SYNC = ("sync_links_from_ownership", "sync_ownership_from_links")
# What a rule of the schema raises: constraints, values of a kind, a feature that is switched off.
_RULES = (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.ObjectNotInPrerequisiteState)
_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
  AND c.relname = ANY (%s) AND p.proname = ANY (%s) ORDER BY 1, 2
"""


def write(here: Ground, changes: list[Change], columns: Columns, in_step: bool) -> None:
    """Carry out the changes in the transaction that is open; the history records them as it does every write.

    ``in_step``: links and documents agree as planned, neither follows the other.  Raises RefusedError when a rule of
    the schema says no, NotAsExpected for a row that cannot be written.
    """
    connection, schema, recorded = here.connection, here.names.application, here.recorded
    written = sorted({recorded[change.table].table for change in changes})
    functions = [*QUIET, *(SYNC if in_step else ())]
    quiet = connection.execute(_TRIGGERS.encode(), (schema, written, functions)).fetchall()
    for table, trigger, _ in quiet:
        _alter(connection, table, "DISABLE", trigger)
    waiting = changes
    while waiting:
        again: list[Change] = []
        for change in waiting:
            try:
                with connection.transaction():
                    _one(connection, recorded[change.table], change, columns)
            except psycopg.errors.UniqueViolation as error:
                again.append(change)  # another row of the plan may have the value now, and give it up
                taken = error
            except _RULES as error:
                raise _refusal(change, error) from error
        if len(again) == len(waiting):
            raise _refusal(again[0], taken) from taken
        waiting = again
    for table, trigger, enabled in quiet:
        _alter(connection, table, "ENABLE ALWAYS" if enabled == "A" else "ENABLE", trigger)


def _refusal(change: Change, error: psycopg.Error) -> RefusedError:
    said = error.diag.message_primary
    if isinstance(error, psycopg.errors.UniqueViolation):
        said = f"{said}: {error.diag.message_detail}"  # of other rules it would repeat the whole row
    return RefusedError(
        f"{change.table} {change.key} cannot be put back: {said}; nothing was changed",
        fix=error.diag.message_hint or "kingston recover client … --tables without it",
        obj=change.table,
    )


def _one(
    connection: psycopg.Connection[Any], table: Tracked, change: Change, here: Columns
) -> None:
    target = sql.Identifier(table.table)
    same = replay.same(table, [change.key])
    values = {"document": change.document, "instead": json.dumps(change.instead)}
    then = sql.SQL(
        "jsonb_populate_record(NULL::{}, %(document)s::jsonb || %(instead)s::jsonb) AS r"
    ).format(target)
    if change.action == "delete" and change.table == STATEMENTS:
        return  # goes with its client group, and in no other way
    if change.action == "delete":
        statement = sql.SQL("DELETE FROM {} AS t WHERE {}").format(target, same)
    elif change.action == "insert":
        there = {name for name, generated in here[table.table].items() if not generated}
        columns = sorted(there & set(json.loads(change.document or "{}")))
        statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
            target,
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Identifier("r", column) for column in columns),
            then,
        )
    else:
        statement = sql.SQL("UPDATE {} AS t SET {} FROM {} WHERE {}").format(
            target,
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(column), sql.Identifier("r", column))
                for column in change.columns
            ),
            then,
            same,
        )
    if connection.execute(statement, values).rowcount != 1:
        raise NotAsExpected(
            f"{change.table} {change.key} could not be written: something keeps it; nothing was changed",
            obj=change.table,
        )


def _alter(connection: psycopg.Connection[Any], table: str, word: str, trigger: str) -> None:
    connection.execute(
        sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
            sql.Identifier(table), sql.SQL(word), sql.Identifier(trigger)  # type: ignore[arg-type]
        )
    )
