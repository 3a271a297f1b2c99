"""``op.backfill``: run a procedure that moves data in committed batches, and watch it."""

from __future__ import annotations

from typing import Any

from .registry import operation
from .sqltext import emit, outside_transaction, run_of


@operation
def backfill(operations: Any, procedure: str, *arguments: str) -> None:
    """CALL ``@control@.<procedure>(arguments)`` outside the transaction; ``arguments`` are SQL literals.

    The procedure commits per batch and keeps a row in ``@control@.backfill_progress`` under its own
    name; after a crash the same CALL goes on behind the last committed batch.
    """
    run = run_of(operations)
    call = f"CALL @control@.{procedure}({', '.join(arguments)})"
    with outside_transaction(operations):
        if run is None or operations.get_context().as_sql:
            emit(operations, call)
            return
        with run.watching(procedure):
            emit(operations, call)
