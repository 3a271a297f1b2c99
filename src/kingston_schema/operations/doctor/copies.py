"""Copies that an interrupted rollback had begun: a trigger that costs every write, and two tables in the archive."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...catalog import history
from ...catalog.names import quote
from .hands import Hands
from .patient import Ill, Patient

CODE = "leftover_copy"
_COPIES = (
    "SELECT t.relname, r.name FROM unnest(%s::text[]) AS r (name)"
    " JOIN pg_class AS t ON t.relnamespace = '@schema@'::regnamespace AND t.relkind = 'r'"
    " WHERE to_regclass(format('@archive@.%%I', @control@.column_copy(t.relname::text, r.name, 'copy'))) IS NOT NULL"
    " ORDER BY 1, 2"
)
# A trigger whose copy is gone.
_TRIGGERS = (
    "SELECT t.relname FROM pg_trigger AS g JOIN pg_class AS t ON t.oid = g.tgrelid"
    " WHERE g.tgname = 'kingston_copy' AND t.relnamespace = '@schema@'::regnamespace"
)


def find(patient: Patient) -> Iterator[Ill]:
    """Nothing is lost by forgetting them: the values still stand in the portal, and a rollback copies anew."""
    if not patient.controlled:
        return
    copied = patient.all(_COPIES, history.names())
    for table, revision in copied:
        yield Ill(
            CODE,
            f"table {table}",
            f"a rollback of {revision} that broke off had begun to copy columns of {table}; a trigger notes every write",
            remedy="trigger and copies go, the values stay in the portal; a rollback copies anew",
            repair=partial(_forget, table=table, revision=revision),
        )
    for (table,) in patient.all(_TRIGGERS):
        if table not in {name for name, _ in copied}:
            yield Ill(
                CODE,
                f"table {table}",
                f"trigger kingston_copy notes every write to {table} for a copy that is not there",
                remedy="the trigger goes",
                repair=partial(_drop, table=table),
            )


def _forget(hands: Hands, table: str, revision: str) -> str:
    hands.execute("SELECT set_config('kingston.revision', %s, true)", revision)
    hands.execute("SELECT @control@.forget_copy(%s)", table)
    return "trigger and copies are gone"


def _drop(hands: Hands, table: str) -> str:
    name = quote(table)
    hands.alter(f"DROP TRIGGER IF EXISTS kingston_copy ON {name}", table, "ACCESS EXCLUSIVE")
    return "the trigger is gone"
