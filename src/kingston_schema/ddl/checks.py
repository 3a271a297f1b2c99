"""``op.add_check_online`` and ``op.drop_checks``: rules on tables that hold rows."""

from __future__ import annotations

from typing import Any

from .locks import short_transaction, take_locks
from .registry import operation
from .sqltext import emit, literal, outside_transaction, quote


@operation
def add_check_online(operations: Any, table: str, name: str, expression: str) -> None:
    """Add CHECK ``name`` NOT VALID under the lock budget, then VALIDATE without blocking anybody.

    Rows that break the rule are looked for first, without a lock: if there are any, the operation
    refuses with their keys and nothing is changed.
    """
    prove(operations, table, name, expression)


def prove(operations: Any, table: str, name: str, expression: str) -> None:
    """CHECK ``name`` on rows that are there: looked for offenders, NOT VALID, VALIDATE; three transactions."""
    rule = f"{literal(table)}, {literal(name)}, {literal(expression)}"
    emit(operations, f"SELECT @control@.refuse_breaking_rows({rule})")
    emit(operations, f"SELECT @control@.add_check({rule})", once=True)
    with outside_transaction(operations):
        emit(operations, f"SELECT @control@.validate_constraint({literal(table)}, {literal(name)})")


@operation
def drop_checks(operations: Any, table: str, *names: str) -> None:
    """Drop CHECK constraints; those already gone are passed over (a repeated or interrupted run)."""
    drops = ", ".join(f"DROP CONSTRAINT IF EXISTS {quote(name)}" for name in names)
    with short_transaction(operations):
        take_locks(operations, [table])
        emit(operations, f"ALTER TABLE IF EXISTS {quote(table)} {drops}", once=True)
