"""Progress of a data movement, read from its row while it runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import psycopg

from ..settings import Schemas
from .events import Reporter
from .sqltext import render

EVERY = 0.5  # seconds


@contextlib.contextmanager
def watching(side: psycopg.Connection[Any], names: Schemas, reporter: Reporter, step: str) -> Iterator[None]:
    """Report the progress row of ``step`` twice a second while the block runs."""
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(side, names, reporter, step, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(
    side: psycopg.Connection[Any], names: Schemas, reporter: Reporter, step: str, done: threading.Event
) -> None:
    query = render("SELECT done, total FROM @control@.backfill_progress WHERE step = %s", names)
    last = None
    while not done.wait(EVERY):
        try:
            row = side.execute(query.encode(), (step,)).fetchone()
        except psycopg.Error as error:
            reporter.note(f"progress of {step} cannot be read: {error}")
            return
        if row and row != last:
            last = row
            reporter.progress(step, int(row[0]), None if row[1] is None else int(row[1]))
