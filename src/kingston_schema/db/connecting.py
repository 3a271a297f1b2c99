"""Engines and connections with our settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from .. import settings
from ..errors import RefusedError
from .plain import plain_errors
from .which import parse

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
