"""``op.lock_tables``, and the short transactions in which every strong lock is taken and given back.

A lock that readers or writers wait for is held for nothing else: whoever takes one commits right after
(``short_transaction``), and no statement waits for a lock while it holds another (``in_attempts.sql``).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

from .registry import operation
from .sqltext import LOCKED, emit, outside_transaction, text_array


def take_locks(operations: Any, tables: Sequence[str], mode: str = "ACCESS EXCLUSIVE") -> None:
    """Take ``mode`` on all ``tables`` at once, in name order; see sql/control/take_locks.sql.

    Nothing where ``op.lock_tables`` holds them already.
    """
    if not set(tables) <= set(held(operations) or ()):
        emit(operations, f"SELECT @control@.take_locks({text_array(sorted(tables))}, '{mode}')", once=True)


def held(operations: Any) -> tuple[str, ...] | None:
    """The tables of the ``op.lock_tables`` around this step; None outside."""
    found: tuple[str, ...] | None = operations.get_context().opts.get(LOCKED)
    return found


@contextlib.contextmanager
def short_transaction(operations: Any) -> Iterator[None]:
    """The block and COMMIT; inside ``op.lock_tables`` the block alone, which ends with the whole."""
    yield
    if held(operations) is None:
        end_transaction(operations)


def end_transaction(operations: Any) -> None:
    """End the transaction and begin the next one (also in ``--sql`` mode)."""
    with outside_transaction(operations):
        pass


class Held:
    """What ``op.lock_tables`` returns: the block of its ``with`` ends in COMMIT."""

    def __init__(self, operations: Any, tables: tuple[str, ...], to_commit: bool) -> None:
        self._operations, self._tables, self._to_commit = operations, tables, to_commit

    def __enter__(self) -> None:
        self._operations.get_context().opts[LOCKED] = self._tables

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._operations.get_context().opts[LOCKED] = None
        if kind is None and self._to_commit:
            end_transaction(self._operations)


@operation
def lock_tables(
    operations: Any, *tables: str, mode: str = "ACCESS EXCLUSIVE", keys: bool = False, commit: bool = True
) -> Held:
    """``with op.lock_tables(…):`` several short steps under locks taken once, in one fixed order, late.

    ``keys``: also the tables that foreign keys tie to them, as ``op.archive_table`` needs.  Steps inside
    must need no other lock that somebody may hold, and neither scan nor move rows.  Without ``commit`` the
    locks are held to the end of the revision, for one that is a single transaction.
    """
    emit(
        operations,
        f"SELECT @control@.hold_tables({text_array(sorted(tables))}, '{mode}', {'true' if keys else 'false'})",
        once=True,
    )
    return Held(operations, tables, commit)
