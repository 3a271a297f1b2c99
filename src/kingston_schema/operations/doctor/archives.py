"""A half-restored archive: rows or values that no upgrade will bring back any more, because their table or column is back.

They go to quarantine, on record, and from there to where they belong as far as nothing newer stands: the rules of
``kingston archive restore``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from psycopg import sql

from ...catalog import history
from ...wording import count
from ..archive import items, restore
from ..archive.items import Item
from .hands import Hands
from .patient import Ill, Patient

CODE = "half_restored"
_WHY = "its restore was not completed"
REMEDY = "they go back where nothing newer stands; the others stay in quarantine with the reason"


def find(patient: Patient) -> Iterator[Ill]:
    """Whole tables that are in the portal as well, and values of columns that are there."""
    if not patient.controlled or not patient.there("@control@.archive_entry"):
        return
    for item in items.resting(patient.connection, patient.names):
        rows = item.rows - item.quarantined
        if item.kind == "table" and f"table {item.table}" in patient.found:
            if f"table {item.table}" not in patient.should:
                continue  # made below by somebody: an upgrade says what to do
            told = f"the archive still holds table {item.table} with {count(rows, 'row')}, and the portal has it, too"
            yield Ill(CODE, f"table {item.table}", told, REMEDY, repair=partial(_table, item=item))
        elif item.kind == "columns" and rows and _is_back(patient, item):
            columns = ", ".join(item.columns)
            told = f"the archive still holds values of {item.table} ({columns}) for {count(rows, 'row')}"
            yield Ill(CODE, f"table {item.table}", told, REMEDY, repair=partial(_values, item=item))


def _is_back(patient: Patient, item: Item) -> bool:
    """Whether the revision that brings the values back is recorded as done."""
    known = item.revision in history.names()
    return known and history.position(item.revision) <= history.position(patient.revision)


def _table(hands: Hands, item: Item) -> str:
    """The archived copy becomes quarantine: the same rows with our four columns, under the name for that."""
    quarantine = f"quarantine__{item.table}"[:63]
    archive = hands.names.archive
    with hands.connection.transaction():
        hands.connection.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(archive, item.name))
        )
        columns = [
            (name, kind)
            for name, kind in hands.execute(
                "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a"
                " WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
                f'"{archive}"."{item.name}"',
            )
        ]
        target, names = sql.Identifier(archive, quarantine), [sql.Identifier(name) for name, _ in columns]
        hands.connection.execute(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {} (quarantined_at timestamptz NOT NULL DEFAULT clock_timestamp(),"
                " quarantine_reason text NOT NULL, quarantine_run text, quarantine_columns text[])"
            ).format(target)
        )
        for name, kind in columns:
            hands.connection.execute(
                sql.SQL("ALTER TABLE {} ADD COLUMN IF NOT EXISTS {} {}").format(
                    target, sql.Identifier(name), sql.SQL(kind)
                )
            )
        listed = sql.SQL(", ").join(names)
        hands.connection.execute(
            sql.SQL(
                "INSERT INTO {} ({}, quarantine_reason, quarantine_run) SELECT {}, {}, {} FROM {}"
            ).format(target, listed, listed, _WHY, str(hands.run), sql.Identifier(archive, item.name))
        )
        hands.connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(archive, item.name)))
        _note(hands, item, quarantine, item.rows)
    return _put_back(hands, quarantine)


def _values(hands: Hands, item: Item) -> str:
    with hands.connection.transaction():
        moved = hands.connection.execute(
            sql.SQL(
                "UPDATE {} SET quarantined_at = clock_timestamp(), reason = {} WHERE quarantined_at IS NULL"
            ).format(sql.Identifier(hands.names.archive, item.name), _WHY)
        ).rowcount
        _note(hands, item, item.name, moved)
    return _put_back(hands, item.name)


def _note(hands: Hands, item: Item, name: str, rows: int) -> None:
    hands.execute(
        "INSERT INTO @control@.archive_entry (run_id, revision, movement, table_name, archive_name, columns, rows_moved, reason)"
        " VALUES (%s, %s, 'quarantined', %s, %s, nullif(%s::text[], '{}'), %s, %s)",
        str(hands.run),
        item.revision or "by hand",
        item.table,
        name,
        list(item.columns),
        rows,
        _WHY,
    )


def _put_back(hands: Hands, name: str) -> str:
    item = items.counted(hands.connection, hands.names, name)
    if not item.quarantined:
        return "there was nothing in it"
    (outcome,) = restore.passes(hands.connection, hands.names, [item])
    said = f"{count(outcome.returned, 'row')} went back"
    if outcome.staying:
        reasons = "; ".join(f"{reason.rows} {reason.text}" for reason in outcome.reasons)
        said += f", {outcome.staying} stay in quarantine ({reasons})"
    return said
