"""Which database is meant, and how it is named to people: host, port and database, never a user or a password."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from .. import settings
from ..errors import UsageError

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
        from ..embedded import default_server

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
