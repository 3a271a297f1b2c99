"""``op.archive_table``: a whole table leaves the application schema with its rows, in milliseconds."""

from __future__ import annotations

from typing import Any

from .locks import short_transaction
from .registry import operation
from .sqltext import emit, literal


@operation
def archive_table(operations: Any, name: str) -> None:
    """Move table ``name`` to the archive schema; foreign keys from and to it are dropped.

    Catalogue only, whatever the size.  Triggers, views and CHECKs that call functions of ours must be
    gone before: the revision says so, one line each.
    """
    with short_transaction(operations):
        emit(operations, f"SELECT @control@.archive_table({literal(name)})", once=True)
