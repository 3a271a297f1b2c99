"""The beginning and the end of a command, however it ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from ...errors import EXIT_REFUSED, EXIT_RETRY, KingstonError, OutcomeUnknown
from ...settings import Schemas
from .log import EventLog
from .objects import writable


class Command:
    """What a command says of itself at its end."""

    def __init__(self) -> None:
        self.rows: int | None = None
        self.outcome = "done"
        self.detail: str | None = None


@contextlib.contextmanager
def around(
    log: EventLog, event: str, subject: str | None, allowed: Mapping[str, str] | None = None
) -> Iterator[Command]:
    """Begun before the block and ended behind it, however it ends; ``allowed`` {check: reason} are events, too.

    A log that is opened only inside the block (``opened``) gets its beginning then.
    """
    started = time.monotonic()
    command = Command()
    if log.is_open:
        opened(log, event, subject, allowed)
    try:
        yield command
    except BaseException as error:
        detail = error.message if isinstance(error, KingstonError) else str(error) or type(error).__name__
        with contextlib.suppress(psycopg.Error):
            _end(log, event, subject, started, _outcome(error), command.rows, detail)
        raise
    _end(log, event, subject, started, command.outcome, command.rows, command.detail)


def opened(log: EventLog, event: str, subject: str | None, allowed: Mapping[str, str] | None = None) -> None:
    """The beginning of a command, and what it was allowed to pass over."""
    log.write("begun", event, subject)
    for check, reason in (allowed or {}).items():
        log.write("noted", "allow", check, outcome="given", detail=reason)


def _end(
    log: EventLog, event: str, subject: str | None, started: float, outcome: str, rows: int | None,
    detail: str | None,
) -> None:  # fmt: skip
    seconds = round(time.monotonic() - started, 3)
    log.write("ended", event, subject, outcome=outcome, seconds=seconds, rows=rows, detail=detail)


@contextlib.contextmanager
def unrecorded() -> Iterator[Command]:
    """For a dry run: nothing is written."""
    yield Command()


@contextlib.contextmanager
def recorded(
    connection: psycopg.Connection[Any],
    names: Schemas,
    event: str,
    subject: str | None = None,
    *,
    make: bool = True,
) -> Iterator[Command]:
    """``around`` for a command with an autocommit connection of its own; ``make`` the log where it is missing.

    Where the role may not write the log (a standby, somebody who only reads), the block runs unrecorded.
    """
    log = EventLog(connection, names)
    if make and writable(connection, names):
        log.open()
    else:
        log.open_if_there()
    with around(log, event, subject) as command:
        yield command


def _outcome(error: BaseException) -> str:
    """How a command that raised ``error`` ended: refused, busy, interrupted, unknown or failed."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OutcomeUnknown):
        return "unknown"
    if isinstance(error, KingstonError) and not error.part_way:
        return {EXIT_REFUSED: "refused", EXIT_RETRY: "busy"}.get(error.exit_code, "failed")
    return "failed"
