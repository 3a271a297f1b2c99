"""The databases of a rehearsal: one to work on, a copy of it before each rollback; made, marked and dropped here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from ... import db
from ...backup import scratch
from ...errors import RefusedError
from ...settings import DEFAULT_SCHEMA, Schemas
from . import signals

PREFIX = "kingston_rehearsal_"
MARK = "Kingston Schema: scratch database of kingston verify rollback, may be dropped"
LARGE = 300 * 2**20  # bytes; from there on files are copied, which writes no log but waits for the disk


class Place:
    """``url`` is worked on; ``before`` is the copy of it that copy() made last."""

    def __init__(
        self, url: str, names: Schemas, admin: psycopg.Connection[Any], run: str, here: bool
    ) -> None:
        self.names = names
        self.here = here
        self.database = (db.parse(url).database or "postgres") if here else f"{PREFIX}{run}"
        self.copied = f"{PREFIX}{run}_before"
        self.url = url if here else scratch.beside(url, self.database)
        self.before = scratch.beside(url, self.copied)
        self.copies = 0
        self._admin = admin

    def copy(self) -> None:
        """Copy the database as it is now; the copy before that is dropped."""
        self._clone(self.database, self.copied)
        self.copies += 1

    def start_over(self) -> None:
        """Go back to the last copy."""
        self._clone(self.copied, self.database)

    def size(self) -> int:
        """Bytes of the database."""
        return self._size(self.database)

    def make(self, like: str) -> None:
        """An empty database, with the portal's schema in it."""
        scratch.create(self._admin, self.database, like, MARK)
        self._quick(self.database)
        if self.names.application != DEFAULT_SCHEMA:
            with db.connect(self.url, self.names.application) as connection:
                connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.names.application)))

    def drop(self) -> None:
        """Drop what was made; the database itself only when it is ours."""
        scratch.drop(self._admin, self.copied)
        if not self.here:
            scratch.drop(self._admin, self.database)

    def _clone(self, source: str, target: str) -> None:
        scratch.drop(self._admin, target)
        how = "file_copy" if self._size(source) >= LARGE else "wal_log"
        self._admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
                sql.Identifier(target), sql.Identifier(source), sql.SQL(how)
            )
        )
        self._admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(target), MARK))
        self._quick(target)

    def _size(self, name: str) -> int:
        row = self._admin.execute("SELECT pg_database_size(%s)", (name,)).fetchone()
        return int(row[0]) if row else 0

    def _quick(self, name: str) -> None:
        # Nothing here has to survive a power cut.
        self._admin.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
        )


@contextmanager
def place(url: str, names: Schemas, *, here: bool, keep: bool) -> Iterator[Place]:
    """A place to rehearse; what was made is dropped at the end, also after errors, Ctrl-C and SIGTERM, unless ``keep``.

    Raises RefusedError when the role may not create databases, or others are connected to the database given.
    """
    run = secrets.token_hex(4)
    with scratch.administering(url) as admin, db.plain_errors(url), signals.softly():
        allowed(admin)
        admin.execute("SELECT set_config('application_name', %s, false)", (f"{PREFIX}{run}",))
        found = Place(url, names, admin, run, here)
        finished = False
        try:
            if here:
                alone(admin, found.database)
            else:
                found.make(db.parse(url).database or "postgres")
            yield found
            finished = True
        finally:
            if not (keep and finished):
                with signals.undisturbed(), scratch.administering(url) as again:
                    Place(url, names, again, run, here).drop()


def allowed(admin: psycopg.Connection[Any]) -> None:
    """Raise RefusedError unless the role may create databases."""
    row = admin.execute(
        "SELECT rolcreatedb OR rolsuper, current_user FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    if not (row and row[0]):
        user = row[1] if row else "?"
        raise RefusedError(
            f"role {user} may not create databases, and a rollback is rehearsed on a scratch database",
            fix=f"ALTER ROLE {user} CREATEDB; or --url with a role that may, on a server for tests",
        )


def alone(admin: psycopg.Connection[Any], database: str) -> None:
    """Raise RefusedError while others are connected to the database: it could not be copied."""
    row = admin.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
        (database,),
    ).fetchone()
    if row and row[0]:
        raise RefusedError(
            f'{row[0]} other sessions are connected to database "{database}": it cannot be copied meanwhile',
            fix="end them, or leave out --here and rehearse on a scratch database",
        )


def leftovers(admin: psycopg.Connection[Any]) -> list[str]:
    """Databases of runs that are not running any more: of our name, marked as ours, nobody at work on them."""
    rows = admin.execute(
        "SELECT d.datname FROM pg_database AS d"
        " WHERE d.datname ~ %s AND coalesce(shobj_description(d.oid, 'pg_database'), %s) = %s"
        " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity AS a WHERE a.application_name <> ''"
        "                    AND starts_with(d.datname, a.application_name) AND a.application_name ~ %s)"
        " ORDER BY 1",
        (f"^{PREFIX}[0-9a-f]{{8}}(_before)?$", MARK, MARK, f"^{PREFIX}[0-9a-f]{{8}}$"),
    )
    return [name for (name,) in rows]
