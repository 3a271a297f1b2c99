"""Writing a plan: one transaction, deletes before inserts before updates, and proof that nothing else changed."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from psycopg import sql

from ...errors import OutcomeUnknown, RefusedError
from ..audit.tracked import Tracked
from .keys import ForeignKey
from .plan import STATEMENTS, Change
from .scope import LINKS, PRODUCTS

# They would change what is being put back: times and actors of the last change, steps of a status, dates of today.
QUIET = ("touch_updated_at", "touch_product_owner", "apply_action_status", "check_product_owner_dates",
         "check_unmanaged_product_status", "check_valuation_date")  # fmt: skip
# Links and ownership follow each other, but not while both are put back.
SYNC = ("sync_links_from_ownership", "sync_ownership_from_links")
_TRIGGERS = """
SELECT c.relname, t.tgname, t.tgenabled::text
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
  AND c.relname = ANY (%s) AND p.proname = ANY (%s) ORDER BY 1, 2
"""


def write(
    connection: psycopg.Connection[Any], schema: str, recorded: dict[str, Tracked], changes: list[Change],
    in_step: bool = False,
) -> None:  # fmt: skip
    """Carry out the changes in the transaction that is open; the history records them as it does every write.

    Raises RefusedError when a rule of the schema says no, OutcomeUnknown never: the caller's transaction decides.
    """
    written = sorted({recorded[change.table].table for change in changes})
    names = {change.table for change in changes}
    functions = [*QUIET, *(SYNC if in_step or {LINKS, PRODUCTS} <= names else ())]
    quiet = connection.execute(_TRIGGERS.encode(), (schema, written, functions)).fetchall()
    for table, trigger, _ in quiet:
        _alter(connection, table, "DISABLE", trigger)
    generated = _generated(connection, schema)
    for change in changes:
        try:
            _one(connection, recorded[change.table], change, generated)
        except psycopg.IntegrityError as error:
            raise RefusedError(
                f"{change.table} {change.key} cannot be put back: {error.diag.message_primary}; nothing was changed",
                fix="kingston recover client … --tables without it",
                obj=change.table,
            ) from error
    for table, trigger, enabled in quiet:
        _alter(connection, table, "ENABLE ALWAYS" if enabled == "A" else "ENABLE", trigger)


def generated(connection: psycopg.Connection[Any], schema: str) -> set[tuple[str, str]]:
    """(table, column) of every generated column: computed, never written."""
    return {(table, column) for table, columns in _generated(connection, schema).items() for column in columns}


def _generated(connection: psycopg.Connection[Any], schema: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND a.attgenerated <> ''",
        (schema,),
    ):
        found.setdefault(table, set()).add(column)
    return found


def _one(
    connection: psycopg.Connection[Any], table: Tracked, change: Change, generated: dict[str, set[str]]
) -> None:
    target = sql.Identifier(table.table)
    same = sql.SQL("{} = %(key)s::jsonb").format(table.row_key("t"))
    values: dict[str, Any] = {
        "key": change.key, "document": change.document, "instead": json.dumps(change.instead),
    }  # fmt: skip
    here = sql.SQL(
        "jsonb_populate_record(NULL::{}, %(document)s::jsonb || %(instead)s::jsonb) AS r"
    ).format(target)
    if change.action == "delete" and change.table == STATEMENTS:
        return  # goes with its client group, and in no other way
    if change.action == "delete":
        statement = sql.SQL("DELETE FROM {} AS t WHERE {}").format(target, same)
    elif change.action == "insert":
        columns = sorted(set(json.loads(change.document or "{}")) - generated.get(table.table, set()))
        statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
            target,
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Identifier("r", column) for column in columns),
            here,
        )
    else:
        statement = sql.SQL("UPDATE {} AS t SET {} FROM {} WHERE {}").format(
            target,
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(column), sql.Identifier("r", column))
                for column in change.columns
            ),
            here,
            same,
        )
    if connection.execute(statement, values).rowcount != 1:
        raise OutcomeUnknown(f"{change.table} {change.key} was not written as planned; nothing was changed")


def _alter(connection: psycopg.Connection[Any], table: str, word: str, trigger: str) -> None:
    connection.execute(
        sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
            sql.Identifier(table), sql.SQL(word), sql.Identifier(trigger)  # type: ignore[arg-type]
        )
    )


def others(
    connection: psycopg.Connection[Any], recorded: dict[str, Tracked], fks: list[ForeignKey], changes: list[Change]
) -> dict[str, tuple[int, str]]:
    """{table: rows and checksum} of all rows that the plan does not name, in every table it writes or could reach."""
    planned: dict[str, list[str]] = {t.table: [] for t in recorded.values()}
    for change in changes:
        planned[recorded[change.table].table].append(change.key)
    keyed = {t.table: t for t in recorded.values()}
    touched = {recorded[change.table].table for change in changes}
    reached = touched | {key.child for key in fks if key.parent in touched}
    found: dict[str, tuple[int, str]] = {}
    for table in sorted(reached):
        rest: sql.Composable = sql.SQL("true")
        if planned.get(table):
            rest = sql.SQL("NOT {} = ANY ({}::jsonb[])").format(
                keyed[table].row_key("t"), sql.Literal(planned[table])
            )
        row = connection.execute(
            sql.SQL(
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t WHERE {}"
            ).format(sql.Identifier(table), rest)
        ).fetchone()
        assert row is not None
        found[table] = (int(row[0]), str(row[1]))
    return found
