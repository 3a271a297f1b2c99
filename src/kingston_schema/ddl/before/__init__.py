"""Before a move changes anything: can every step of it be done, and does anything stand in its way?

A downgrade that would stop half-way, or could not keep what it takes out, is refused at its start; so is an upgrade
that would find a name taken.  Read-only.
"""

from __future__ import annotations

from typing import Any

import psycopg
from alembic.script import ScriptDirectory

from ...errors import RefusedError
from ...settings import Schemas
from . import dependents, rights, space, steps, taken
from .problem import Problem

# Calls whose first argument is a table that they alter.
COPYING = "kingston_copy"  # the trigger of an interrupted copy of columns; the same command goes on with it
ALTERING = (
    "archive_table",
    "archive_columns",
    "add_check_online",
    "drop_checks",
    "drop_not_null",
    "set_default",
)


def check_downgrade(
    connection: psycopg.Connection[Any],
    names: Schemas,
    script: ScriptDirectory,
    target: str,
    recorded: list[str],
) -> None:
    """Raise RefusedError with everything that would stop this rollback or make it lose something."""
    calls = steps.of(script, "downgrade", target, recorded)
    dropped = list(steps.objects(script, calls, "drop_sql"))
    replaced = list(steps.objects(script, calls, "run_sql"))
    moved = [call.arguments[0] for call in calls if call.name == "archive_table"]
    copied = [
        steps.Copied(call.arguments[0], list(call.arguments[1:]), call.revision)
        for call in calls
        if call.name == "archive_columns"
    ]
    altered = [call.arguments[0] for call in calls if call.name in ALTERING]
    altered += [table for call in calls if call.name == "lock_tables" for table in call.arguments]
    altered += [item.table for item in dropped if item.table]
    indexes = [call.arguments[0] for call in calls if call.name == "drop_index_online"]
    ours = {COPYING, *(name for item in dropped if item.table for name in item.names)}
    _refuse(
        "this rollback would stop half-way or could not keep everything; nothing was changed",
        rights.of_bookkeeping(connection, names)
        + rights.of_tables(connection, names, altered)
        + rights.of_objects(connection, names, dropped, replaced=False)
        + rights.of_objects(connection, names, replaced, replaced=True)
        + rights.of_indexes(connection, names, indexes)
        + taken.names(connection, names.application, names.archive, moved)
        + taken.archives(connection, names, copied)
        + dependents.triggers(connection, names, moved, ours)
        + dependents.views(connection, names, copied, dropped)
        + space.short(connection, names, copied),
    )


def check_upgrade(
    connection: psycopg.Connection[Any],
    names: Schemas,
    script: ScriptDirectory,
    target: str,
    recorded: list[str],
) -> None:
    """Raise RefusedError where a name is taken that something in the archive needs to come back."""
    calls = steps.of(script, "upgrade", target, recorded)
    back = [call.arguments[0] for call in calls if call.name == "restore_table_or"]
    _refuse(
        "this upgrade could not bring back what rests in the archive; nothing was changed",
        rights.of_archived(connection, names, back)
        + taken.names(connection, names.archive, names.application, back),
    )


def _refuse(head: str, problems: list[Problem]) -> None:
    if not problems:
        return
    listed = "\n".join(f"  {problem.what}\n    {problem.fix}" for problem in problems)
    raise RefusedError(f"{head}\n{listed}", fix="put right what is listed, then run the same command again")
