"""Connecting: which database is meant, engines and connections with our settings, errors in plain words.

No password is ever printed: messages name host, port and database only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

from . import settings
from .errors import (
    BusyError,
    DiskFull,
    KingstonError,
    OutcomeUnknown,
    RefusedError,
    UnreachableError,
    UsageError,
)

APPLICATION_NAME = "kingston_schema"
# What libpq is told unless the URL says otherwise; seconds, tcp_user_timeout milliseconds.  A peer that is gone without a
# word is noticed after half a minute instead of two hours.
CONNECTION = {
    "application_name": APPLICATION_NAME,
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25000,
}

_announced: set[str] = set()


def resolve_url(explicit: str | None = None, *, announce: bool = True) -> tuple[str, str]:
    """The database meant, as (URL for SQLAlchemy, where it was taken from).

    ``explicit``, else DATABASE_URL, else the embedded PostgreSQL, which is started and given its database
    when needed.  Said once on stderr.  Raises UsageError and UnreachableError.
    """
    if explicit:
        url, source = settings.normalise_url(explicit), "given"
    elif (found := settings.environment_url()) is not None:
        url, source = found, "DATABASE_URL"
    else:
        from .embedded import default_server

        server = default_server()
        server.start()
        server.create_database()
        url, source = server.url(), "embedded"
    if announce and url not in _announced:
        _announced.add(url)
        print(f"database: {describe(url)} ({source})", file=sys.stderr)
    return url, source


def parse(url: str) -> URL:
    """``url`` taken apart; raises UsageError when it cannot be, without repeating it."""
    try:
        return make_url(settings.normalise_url(url))
    except (sa.exc.ArgumentError, ValueError) as error:
        raise UsageError(
            "the database URL cannot be understood", fix="export DATABASE_URL=postgresql://user@host/dbname"
        ) from error


def describe(url: str) -> str:
    """Database, host and port of ``url`` for people; never user or password."""
    parts = parse(url)
    host = parts.host or parts.query.get("host") or "the local socket"
    port = parts.port or parts.query.get("port")
    where = ", ".join(host) if isinstance(host, tuple) else host
    at = f":{port}" if port and not where.startswith("/") else ""
    return f'"{parts.database or parts.username or "postgres"}" on {where}{at}'


def engine(url: str, schema: str | None = None, *, pooled: bool = False, **connect_args: object) -> sa.Engine:
    """An engine whose connections carry our name and the portal's search path; ``pooled``: kept open, autocommit."""
    parts = parse(url)
    kind: dict[str, Any] = (
        {"pool_pre_ping": True, "isolation_level": "AUTOCOMMIT"} if pooled else {"poolclass": NullPool}
    )
    made = sa.create_engine(parts, connect_args=_arguments(parts, connect_args), **kind)
    path = search_path(settings.schemas(schema).application)

    @sa.event.listens_for(made, "connect")
    def set_search_path(connection: psycopg.Connection, record: object) -> None:
        # Outside a transaction: inside one, a later rollback would take the setting back.
        before = connection.autocommit
        connection.autocommit = True
        connection.execute(path)
        connection.autocommit = before

    return made


def search_path(schema: str) -> sql.Composed:
    """The statement that puts ``schema`` first, and temporary objects last, where they can shadow nothing."""
    return sql.SQL("SET search_path TO {}, pg_temp").format(sql.Identifier(schema))


def connect(url: str, schema: str | None = None, **options: object) -> psycopg.Connection:
    """An autocommit psycopg connection with the portal's search path.

    Raises UnreachableError, naming host and database, and RefusedError for a server that is too old.
    """
    name = settings.schemas(schema).application
    parts = parse(url)
    arguments = _arguments(parts, options)
    with plain_errors(url):
        connection = psycopg.connect(settings.libpq_url(url), autocommit=True, **arguments)  # type: ignore[arg-type]
        try:
            require_version(connection.info.server_version)
            connection.execute(search_path(name))
        except BaseException:
            connection.close()
            raise
    return connection


def _arguments(parts: URL, given: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in CONNECTION.items() if name not in parts.query} | dict(given)


def require_version(number: int) -> None:
    """Raise RefusedError unless ``number`` (server_version_num) is one we support."""
    if number < settings.MINIMUM_SERVER:
        shown = f"{number // 10000}.{number % 10000}" if number >= 100000 else str(number)
        raise RefusedError(
            f"the server is PostgreSQL {shown}; {settings.MINIMUM_SERVER // 10000} or later is needed",
            fix="upgrade the server, or point --url at a newer one",
        )


@contextmanager
def plain_errors(url: str) -> Iterator[None]:
    """Turn database errors inside the block into ours."""
    try:
        yield
    except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
        cause = underlying(error)
        if isinstance(cause, (KeyboardInterrupt, KingstonError)):
            raise cause from error
        known = translate(cause, url)
        if known is None:
            raise
        raise known from error


def underlying(error: BaseException) -> BaseException:
    """What really happened.

    Leaving Alembic's autocommit block after the connection was cut (an interrupt does that, too) raises
    PendingRollbackError, which hides the error or the KeyboardInterrupt behind it.
    """
    seen: BaseException | None = error
    while isinstance(seen, sa.exc.InvalidRequestError):
        seen = seen.__cause__ or seen.__context__
    return seen or error


def translate(error: BaseException, url: str) -> KingstonError | None:
    """The error of ours that a database error amounts to; None for one we do not expect."""
    if isinstance(error, sa.exc.DBAPIError) and isinstance(error.orig, BaseException):
        error = error.orig
    if not isinstance(error, psycopg.Error):
        return None
    state = error.sqlstate or ""
    said = " ".join(str(error).split())
    where = describe(url)
    if state == "53100" or error.diag.message_hint == "Check free disk space.":
        return DiskFull(
            f"database {where}: the disk of the server is full: {said}; nothing is lost",
            fix="make room there, then run the same command again",
        )
    if state in ("55P03", "57014", "40P01", "40001"):
        return BusyError(f"database {where}: {said}", fix="run the same command again; it is safe")
    if state == "42501":
        return RefusedError(
            f"database {where}: missing privilege: {said}",
            fix="connect as the owner of the portal's schema, or have the privilege granted",
        )
    if state == "25006":
        return RefusedError(f"database {where} is read-only: {said}", fix="connect to the primary server")
    if isinstance(error, psycopg.OperationalError) and (not state or state in ("57P01", "57P02")):
        if state or _was_connected(error):
            return OutcomeUnknown(
                f"the connection to database {where} was lost: {said}",
                fix="kingston status shows what was done",
            )
        return UnreachableError(f"database {where} cannot be reached: {said}", fix=_reach(said))
    if state[:2] in ("08", "28", "3D", "53") or state == "57P03":
        return UnreachableError(f"database {where}: {said}", fix=_reach(said))
    return None


def _was_connected(error: psycopg.Error) -> bool:
    said = str(error)
    return (
        "server closed the connection" in said or "connection is lost" in said or "terminating conn" in said
    )


def _reach(said: str) -> str:
    if "does not exist" in said and "database" in said:
        return "create the database, or correct the name in the URL"
    if "authentication failed" in said or "no password" in said or "role" in said:
        return "correct user or password in the URL (or ~/.pgpass)"
    return "check that the server runs and that host and port are right: pg_isready -d <url>"
