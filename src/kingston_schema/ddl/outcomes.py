"""What a step that commits on its own should have left: looked up when nobody acknowledged it.

Every other step is part of the transaction of its revision and shares its fate.  Each query takes the arguments
of the operation and returns one row (done, what was found) or none where nothing tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from ..settings import Schemas
from .sqltext import render

_CONSTRAINT = (
    "SELECT coalesce(bool_or(c.convalidated), false), CASE WHEN count(*) = 0 THEN 'the constraint is not there'"
    " WHEN bool_or(c.convalidated) THEN 'the constraint is there and validated'"
    " ELSE 'the constraint is there and not validated' END FROM pg_constraint AS c"
    " WHERE c.conrelid = to_regclass(format('@schema@.%%I', {table}::text)) AND c.conname = {name}"
)
# Finished since the intent: by the order of transactions, not by a clock.
_PROGRESS = (
    "SELECT p.finished_at IS NOT NULL AND age(p.xmin) <= age(j.xmin), CASE WHEN age(p.xmin) > age(j.xmin)"
    " THEN 'it had not begun' WHEN p.finished_at IS NOT NULL THEN format('finished, %%s rows', p.done)"
    " ELSE format('%%s rows done, goes on behind the last committed batch', p.done) END"
    " FROM @control@.backfill_progress AS p, @control@.step_journal AS j WHERE p.step = {step} AND j.id = {id}"
)
PROBES = {
    "add_check_online": _CONSTRAINT.format(table="%(a0)s", name="%(a1)s"),
    "add_foreign_key_online": _CONSTRAINT.format(table="%(a1)s", name="%(a0)s"),
    "set_not_null_online": (
        "SELECT a.attnotnull, CASE WHEN a.attnotnull THEN 'the column is NOT NULL' ELSE 'the column may be NULL' END"
        " FROM pg_attribute AS a WHERE a.attrelid = to_regclass(format('@schema@.%%I', %(a0)s::text))"
        " AND a.attname = %(a1)s"
    ),
    "create_index_online": (
        "SELECT s.state = 'published', 'the index is ' || s.state"
        " FROM @control@.index_state(%(a0)s, %(a1)s) AS s (state)"
    ),
    "drop_index_online": (
        "SELECT c.name IS NULL, CASE WHEN c.name IS NULL THEN 'the index is gone' ELSE 'the index is there' END"
        " FROM to_regclass(format('@schema@.%%I', %(a0)s::text)) AS c (name)"
    ),
    "backfill": _PROGRESS.format(step="%(a0)s", id="%(id)s"),
    "restore_columns": _PROGRESS.format(step="'restore ' || %(a0)s", id="%(id)s"),
}


def look(
    side: psycopg.Connection[Any], names: Schemas, step: int, operation: str, arguments: Sequence[str]
) -> tuple[str, str]:
    """(outcome, how it is known) of row ``step`` of the step journal, whose revision was not committed."""
    if operation not in PROBES:
        return "rolled back", "it was part of a transaction that was not committed"
    given = {"id": step, **{f"a{i}": value for i, value in enumerate(arguments)}}
    row = side.execute(render(PROBES[operation], names).encode(), given).fetchone()
    if row is None:
        return "unknown", "nothing in the database tells; the step is repeated"
    return ("applied" if row[0] else "failed"), str(row[1])
