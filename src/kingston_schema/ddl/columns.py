"""Columns added to legacy tables: recorded, archived by primary key on the way down, restored on the way up."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateColumn

from .locks import short_transaction
from .registry import operation
from .sqltext import emit, literal, outside_transaction, quote, run_of, text_array


@operation
def add_columns(operations: Any, table: str, *columns: sa.Column[Any]) -> None:
    """Add ``columns`` with one ALTER TABLE under the lock budget; the ledger records each.

    A column of that name that is already there is used as it is, recorded as pre-existing, and never
    dropped by a downgrade.
    """
    dialect = postgresql.dialect(paramstyle="named")
    sa.Table(table, sa.MetaData(), *columns)
    definitions = [str(CreateColumn(column).compile(dialect=dialect)).strip() for column in columns]
    comments = [column.comment or "" for column in columns]
    with short_transaction(operations):
        emit(
            operations,
            f"SELECT @control@.add_columns({literal(table)},\n"
            f"  {text_array(column.name for column in columns)},\n"
            f"  {text_array(definitions)},\n  {text_array(comments)})",
            once=True,
        )


@operation
def restore_columns(operations: Any, table: str, *names: str) -> None:
    """Bring archived values of ``names`` back by primary key, in committed batches.

    Values whose row was deleted in between stay in the archive, in quarantine, with that reason.
    """
    _call(
        operations,
        f"CALL @control@.restore_columns({literal(table)}, {text_array(names)})",
        f"restore {table}",
    )


@operation
def copy_columns(operations: Any, table: str, *names: str) -> None:
    """Before ``op.archive_columns``: copy the values in committed batches while everybody goes on.

    A trigger notes what changes meanwhile; see sql/control/copy_columns.sql.
    """
    _call(
        operations, f"CALL @control@.copy_columns({literal(table)}, {text_array(names)})", f"archive {table}"
    )


def _call(operations: Any, call: str, step: str) -> None:
    run = run_of(operations)
    with outside_transaction(operations):
        if run is None or operations.get_context().as_sql:
            emit(operations, call)
        else:
            with run.watching(step):
                emit(operations, call)


@operation
def archive_columns(operations: Any, table: str, *names: str) -> None:
    """Drop those of ``names`` that are ours; their values, copied by ``op.copy_columns``, are the archive.

    Milliseconds under the lock, whatever the size: only rows changed since they were copied are copied again.
    """
    with short_transaction(operations):
        emit(
            operations, f"SELECT @control@.archive_columns({literal(table)}, {text_array(names)})", once=True
        )


@operation
def set_default(operations: Any, table: str, column: str, expression: str) -> None:
    """Give a column of ours a default for new rows; a pre-existing column keeps its own."""
    with short_transaction(operations):
        emit(
            operations,
            f"SELECT @control@.set_default({literal(table)}, {literal(quote(column))}, {literal(expression)})",
            once=True,
        )
