"""``op.set_not_null_online`` and ``op.drop_not_null``."""

from __future__ import annotations

from typing import Any

from .locks import take_locks
from .registry import operation
from .sqltext import emit, literal, outside_transaction, quote


@operation
def set_not_null_online(operations: Any, table: str, column: str) -> None:
    """SET NOT NULL without a scan under lock: a validated CHECK proves it first, then goes."""
    proof = f"{table}_{column}_is_set"[:63]
    emit(
        operations,
        f"SELECT @control@.add_check({literal(table)}, {literal(proof)}, {literal(quote(column) + ' IS NOT NULL')})",
    )
    with outside_transaction(operations):
        emit(operations, f"ALTER TABLE {quote(table)} VALIDATE CONSTRAINT {quote(proof)}")
    take_locks(operations, [table])
    emit(
        operations,
        f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} SET NOT NULL;\n"
        f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(proof)};",
    )


@operation
def drop_not_null(operations: Any, table: str, column: str) -> None:
    """Let NULL in again; catalogue only."""
    take_locks(operations, [table])
    emit(operations, f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} DROP NOT NULL")
