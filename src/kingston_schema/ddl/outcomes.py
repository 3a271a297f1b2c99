"""What a step that commits on its own should have left: looked up when nobody acknowledged it.

A step with a strong lock ends its transaction, too (kingston_schema.ddl.locks).  Every other step is part of the
transaction of its revision and shares its fate.  Each query takes the arguments of the operation and returns one row
(done, what was found) or none where nothing tells.
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
# Columns among the arguments after the first that the table has.
_COLUMNS = (
    "SELECT {done}, CASE WHEN count(*) = 0 THEN 'the columns are not there' ELSE 'the columns are there' END"
    " FROM pg_attribute AS a WHERE a.attrelid = to_regclass(format('@schema@.%%I', %(a0)s::text))"
    " AND a.attname = ANY (%(rest)s) AND NOT a.attisdropped"
)
_TRIGGERS = (
    "SELECT count(*) = {wanted}, count(*) || ' of ' || cardinality(%(rest)s::text[]) || ' triggers are there'"
    " FROM pg_trigger AS t WHERE t.tgrelid = to_regclass(format('@schema@.%%I', %(a3)s::text)) AND t.tgname = ANY (%(rest)s)"
)
_GONE = (
    "SELECT c.name IS NULL, CASE WHEN c.name IS NULL THEN 'the {what} is gone' ELSE 'the {what} is there' END"
    " FROM to_regclass(format('@schema@.%%I', {name}::text)) AS c (name)"
)
PROBES = {
    "add_columns": _COLUMNS.format(done="count(*) > 0"),
    "archive_columns": _COLUMNS.format(done="count(*) = 0"),
    "copy_columns": (
        "SELECT i.indexrelid IS NOT NULL, CASE WHEN i.indexrelid IS NULL THEN 'the copy goes on behind the last batch'"
        " ELSE 'every value was copied once' END FROM @control@.step_journal AS j LEFT JOIN pg_index AS i ON i.indrelid ="
        " to_regclass(format('@archive@.%%I', @control@.column_copy(%(a0)s, j.revision, 'copy'))) WHERE j.id = %(id)s"
    ),
    "archive_table": _GONE.format(what="table", name="%(a0)s"),
    "drop_checks": (
        "SELECT count(*) = 0, CASE WHEN count(*) = 0 THEN 'the rules are gone' ELSE 'the rules are there' END"
        " FROM pg_constraint AS c WHERE c.conrelid = to_regclass(format('@schema@.%%I', %(a0)s::text))"
        " AND c.conname = ANY (%(rest)s)"
    ),
    "set_default": (
        "SELECT a.atthasdef, CASE WHEN a.atthasdef THEN 'the column has a default' ELSE 'the column has none' END"
        " FROM pg_attribute AS a WHERE a.attrelid = to_regclass(format('@schema@.%%I', %(a0)s::text))"
        " AND a.attname = %(a1)s"
    ),
    "drop_not_null": (
        "SELECT NOT a.attnotnull, CASE WHEN a.attnotnull THEN 'the column is NOT NULL' ELSE 'the column may be NULL' END"
        " FROM pg_attribute AS a WHERE a.attrelid = to_regclass(format('@schema@.%%I', %(a0)s::text))"
        " AND a.attname = %(a1)s"
    ),
    # By kind of the object; functions are part of the transaction of the revision.
    "run_sql trigger": _TRIGGERS.format(wanted="cardinality(%(rest)s::text[])"),
    "drop_sql trigger": _TRIGGERS.format(wanted="0"),
    "drop_sql view": _GONE.format(what="view", name="%(a0)s"),
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
    "drop_index_online": _GONE.format(what="index", name="%(a0)s"),
    "backfill": _PROGRESS.format(step="%(a0)s", id="%(id)s"),
    "restore_columns": _PROGRESS.format(step="'restore ' || %(a0)s", id="%(id)s"),
}

# Operations of which some or all end their transaction.
COMMITTING = sorted({key.split()[0] for key in PROBES})


def look(
    side: psycopg.Connection[Any], names: Schemas, step: int, operation: str, arguments: Sequence[str]
) -> tuple[str, str]:
    """(outcome, how it is known) of row ``step`` of the step journal, whose revision was not committed."""
    of_kind = operation in ("run_sql", "drop_sql")
    probe = f"{operation} {arguments[2]}" if of_kind else operation
    if probe not in PROBES:
        return "rolled back", "it was part of a transaction that was not committed"
    given = {
        "id": step,
        "rest": list(arguments[4 if of_kind else 1 :]),
        **{f"a{i}": a for i, a in enumerate(arguments)},
    }
    row = side.execute(render(PROBES[probe], names).encode(), given).fetchone()
    if row is None:
        return "unknown", "nothing in the database tells; the step is repeated"
    return ("applied" if row[0] else "failed"), str(row[1])
