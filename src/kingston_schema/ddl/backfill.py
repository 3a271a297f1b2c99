"""``op.backfill``: run a procedure that moves data in committed batches, and watch it."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager
from typing import Any

from . import sessions
from .helping import helping
from .registry import operation
from .sqltext import emit, outside_transaction, render, run_of


@operation
def backfill(operations: Any, procedure: str, *arguments: str, helper: str | None = None) -> None:
    """CALL ``@control@.<procedure>(arguments)`` outside the transaction; ``arguments`` are SQL literals.

    The procedure commits per batch and keeps a row in ``@control@.backfill_progress`` under its own
    name; after a crash the same CALL goes on behind the last committed batch.

    ``helper``: a procedure that a second session calls meanwhile, to take batches of the same movement.
    A script made with ``--sql`` has one session and does without.
    """
    run = run_of(operations)
    call = f"CALL @control@.{procedure}({', '.join(arguments)})"
    with outside_transaction(operations):
        if run is None or operations.get_context().as_sql:
            emit(operations, call)
            return
        with run.watching(procedure), _helped(operations, run, helper):
            emit(operations, call)


def _helped(operations: Any, run: Any, helper: str | None) -> AbstractContextManager[None]:
    if helper is None:
        return contextlib.nullcontext()
    url = operations.get_context().connection.engine.url.render_as_string(hide_password=False)
    call = render(f"CALL @control@.{helper}()", run.schemas)
    return helping(url, run.schemas.application, {**sessions.SESSION, **sessions.work()}, call, run.reporter)
