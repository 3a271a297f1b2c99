"""``op.lock_tables``: locks in short attempts with jitter, so that nobody queues behind us for long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .registry import operation
from .sqltext import emit, text_array


def take_locks(operations: Any, tables: Sequence[str], mode: str = "ACCESS EXCLUSIVE") -> None:
    """Take ``mode`` on all ``tables`` at once, in name order; see sql/control/take_locks.sql."""
    emit(operations, f"SELECT @control@.take_locks({text_array(sorted(tables))}, '{mode}')")


@operation
def lock_tables(operations: Any, *tables: str, mode: str = "ACCESS EXCLUSIVE") -> None:
    """Lock several tables first, in one fixed order, before a revision changes more than one of them."""
    take_locks(operations, tables, mode)
