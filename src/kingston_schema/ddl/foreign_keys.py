"""``op.add_foreign_key_online``: NOT VALID, orphans to quarantine, VALIDATE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .registry import operation
from .sqltext import emit, literal, outside_transaction, quote


@operation
def add_foreign_key_online(
    operations: Any,
    name: str,
    table: str,
    referent: str,
    columns: Sequence[str],
    referent_columns: Sequence[str] = ("id",),
    ondelete: str = "CASCADE",
) -> None:
    """Add a foreign key in three steps that never scan under a lock.

    NOT VALID first (SHARE ROW EXCLUSIVE on both tables under the lock budget), so that no new orphan
    can appear; then rows whose parent was deleted while the table rested in the archive go to
    quarantine with the missing key (design section 7); then VALIDATE.
    """
    local = ", ".join(quote(column) for column in columns)
    remote = ", ".join(quote(column) for column in referent_columns)
    definition = f"FOREIGN KEY ({local}) REFERENCES {quote(referent)} ({remote}) ON DELETE {ondelete}"
    emit(
        operations,
        f"SELECT @control@.add_foreign_key({literal(table)}, {literal(name)},\n"
        f"  {literal(definition)}, {literal(referent)})",
        once=True,
    )
    with outside_transaction(operations):
        emit(operations, f"SELECT @control@.quarantine_orphans({literal(table)}, {literal(name)})")
        emit(operations, f"SELECT @control@.validate_constraint({literal(table)}, {literal(name)})")
