"""The event log: who changed the portal, from where, with which texts, and how it ended.

Append-only and hash-chained in the control schema (``sql/control/event_log.sql``), which a command makes where it is
missing.  Written on an autocommit connection that is not the one that does the work: what fails keeps its record.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from .. import __version__
from ..errors import EXIT_REFUSED, EXIT_RETRY, KingstonError, OutcomeUnknown, RefusedError, UsageError
from ..settings import Schemas
from .journal import os_user
from .sqltext import render

OBJECTS = ("event_log", "event_log_guard", "event_hash", "log_event")
WRITER = "log_event(uuid, text, text, text, jsonb)"
# By the catalogue: to_regclass is an error for a role without rights on the schema.
_THERE = (
    "WITH there AS (SELECT n.oid AS place, c.oid AS log, p.oid AS writer FROM (SELECT %s::text AS name) AS s"
    " LEFT JOIN pg_namespace AS n ON n.nspname = s.name"
    " LEFT JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'event_log'"
    " LEFT JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = 'log_event')"
)
_LONGEST_NAME = 200


def texts() -> dict[str, str]:
    """Name → text of the objects of the log, in the order in which they are made."""
    folder = files("kingston_schema") / "sql" / "control"
    return {name: folder.joinpath(f"{name}.sql").read_text(encoding="utf-8") for name in OBJECTS}


def missing(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether the log, or the function that writes it, is not there."""
    row = connection.execute(_THERE + " SELECT log IS NULL OR writer IS NULL FROM there", (names.control,))
    return bool(row.fetchone() != (False,))


def writable(connection: psycopg.Connection[Any], names: Schemas) -> bool:
    """Whether this session may write events, or make the log where it is missing."""
    row = connection.execute(
        _THERE
        + " SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::boolean AND CASE"
        " WHEN log IS NOT NULL THEN has_schema_privilege(place, 'USAGE') AND has_table_privilege(log, 'SELECT')"
        "  AND has_table_privilege(log, 'INSERT')"
        " WHEN place IS NOT NULL THEN has_schema_privilege(place, 'CREATE')"
        " ELSE has_database_privilege(current_database(), 'CREATE') END FROM there",
        (names.control,),
    )
    return bool(row.fetchone() == (True,))


def _another_roles(connection: psycopg.Connection[Any], names: Schemas) -> RefusedError:
    """The refusal, with the statements that hand the log over."""
    row = connection.execute(
        "SELECT current_user, pg_get_userbyid(c.relowner) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = 'event_log'",
        (names.control,),
    ).fetchone()
    user, owner = row or ("?", "?")
    things = [f"SCHEMA {names.control}", f"TABLE {names.control}.event_log"]
    things += [f"ROUTINE {names.control}.{name}" for name in ("log_event", "event_hash", "refuse_event_rewrite")]
    return RefusedError(
        f"role {user} may not write the event log {names.control}.event_log, which belongs to {owner}",
        fix=f"as {owner}: " + "; ".join(f"ALTER {thing} OWNER TO {user}" for thing in things),
        obj=f"{names.control}.event_log",
    )


def install(connection: psycopg.Connection[Any], names: Schemas) -> None:
    """Make the control schema and the log in it; harmless where they are."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 19732))", (names.control,))
        connection.execute(render("CREATE SCHEMA IF NOT EXISTS @control@", names).encode())
        connection.execute("SET LOCAL check_function_bodies = off")
        for text in texts().values():
            connection.execute(render(text, names).encode())


def given_name(name: str | None = None) -> str:
    """``name``, else KINGSTON_ACTOR (``--actor`` sets it): who the person says to be.

    Raises UsageError for what is no name.
    """
    name = (name or os.environ.get("KINGSTON_ACTOR", "")).strip()
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            f"the name of the actor has to be one line of at most {_LONGEST_NAME} characters",
            fix="--actor 'Ada Lovelace', or export KINGSTON_ACTOR=…",
        )
    return name


def outcome_of(error: BaseException) -> str:
    """How a command that raised ``error`` ended: refused, busy, interrupted, unknown or failed."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, OutcomeUnknown):
        return "unknown"
    if isinstance(error, KingstonError) and not error.part_way:
        return {EXIT_REFUSED: "refused", EXIT_RETRY: "busy"}.get(error.exit_code, "failed")
    return "failed"


class EventLog:
    """The events of one command.  Writes nothing before ``open`` or ``open_if_there``."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        names: Schemas,
        run: uuid.UUID | None = None,
        actor: str | None = None,
    ) -> None:
        self.connection = connection
        self.names = names
        self.run = run or uuid.uuid4()
        self.actor = given_name(actor)
        self.is_open = False
        self._who: dict[str, Any] = {}

    def open(self) -> None:
        """Write from now on; the log is made where it is missing.  Raises RefusedError where it is another role's."""
        if missing(self.connection, self.names):
            install(self.connection, self.names)
        elif not writable(self.connection, self.names):
            raise _another_roles(self.connection, self.names)
        self._open()

    def open_if_there(self) -> None:
        """Write from now on, if that needs nothing to be made."""
        if not missing(self.connection, self.names) and writable(self.connection, self.names):
            self._open()

    def _open(self) -> None:
        self._who = {
            "os_user": os_user(),
            "actor": self.actor,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "version": __version__,
        }
        self.is_open = True

    def write(self, stage: str, event: str, subject: str | None, **fields: Any) -> str | None:
        """One event; its hash.  ``fields``: outcome, seconds, rows, detail, files, revision."""
        if not self.is_open:
            return None
        # The end of a command reaches the disk, whatever the connection says; it never waits for a standby.
        flush = "local" if stage == "ended" else "off"
        row = self.connection.execute(
            render(
                "SELECT @control@.log_event(%s, %s, %s, %s, %s)"
                " FROM set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
                " WHEN 'off' THEN %s ELSE current_setting('synchronous_commit') END, true)",
                self.names,
            ).encode(),
            (self.run, stage, event, subject, Jsonb(self._who | fields), flush),
        ).fetchone()
        return str(row[0]) if row else None


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
            _end(log, event, subject, started, outcome_of(error), command.rows, detail)
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
