"""Commands that change something, on record in the event log: who, what, how many rows, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ..ddl import event_log
from ..settings import Schemas


@contextmanager
def noted(
    connection: psycopg.Connection[Any], names: Schemas, event: str, subject: str | None = None, *, dry_run: bool = False
) -> Iterator[event_log.Command]:  # fmt: skip
    """An event around the block, where the portal has an event log; none for a dry run.

    ``connection`` is in autocommit mode, and transactions begin and end inside the block: what fails keeps its record.
    """
    if dry_run:
        with event_log.unrecorded() as command:
            yield command
        return
    with event_log.recorded(connection, names, event, subject, make=False) as command:
        yield command
