"""``op.set_not_null_online`` and ``op.drop_not_null``."""

from __future__ import annotations

from typing import Any

from .checks import prove
from .locks import short_transaction, take_locks
from .registry import operation
from .sqltext import emit, quote


@operation
def set_not_null_online(operations: Any, table: str, column: str) -> None:
    """SET NOT NULL without a scan under lock: a validated CHECK proves it first, then goes."""
    proof = f"{table}_{column}_is_set"[:63]
    prove(operations, table, proof, f"{quote(column)} IS NOT NULL")
    with short_transaction(operations):
        take_locks(operations, [table])
        emit(
            operations,
            f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} SET NOT NULL;\n"
            f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(proof)};",
            once=True,
        )


@operation
def drop_not_null(operations: Any, table: str, column: str) -> None:
    """Let NULL in again; catalogue only."""
    with short_transaction(operations):
        take_locks(operations, [table])
        emit(operations, f"ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} DROP NOT NULL", once=True)
