"""One event after the other: who, in which run, what."""

from __future__ import annotations

import os
import socket
import uuid
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from ... import __version__
from ...errors import UsageError
from ...settings import Schemas
from ..journal import os_user
from ..sqltext import render
from .objects import another_roles, install, missing, writable

_LONGEST_NAME = 200


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
            raise another_roles(self.connection, self.names)
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
