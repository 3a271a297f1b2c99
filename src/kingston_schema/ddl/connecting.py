"""The working connection of env.py: the one that the caller gave, else one of our own."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from .. import db
from ..errors import RefusedError
from ..settings import Schemas
from . import sessions
from .given import Given
from .sqltext import quote
from .translating import translated


@contextlib.contextmanager
def connection(given: Given) -> Iterator[sa.Connection]:
    """The connection the caller gave, else one of our own; never a URL that nobody gave us.

    Under pytest an explicit connection or URL is demanded: a stock env.py once emptied the database
    named in alembic.ini while the fixture pointed elsewhere.  Raises RefusedError and what ``db`` raises.
    """
    connectable = given.connection
    if isinstance(connectable, sa.Connection):
        yield connectable
        return
    engine = connectable
    if engine is None:
        if "pytest" in sys.modules and not given.url:
            raise RefusedError(
                "a test ran Alembic without saying on which database",
                fix='config.attributes["url"] = … or config.attributes["connection"] = …',
            )
        url, _ = db.resolve_url(given.url)
        engine = db.engine(url, schema=given.schemas.application)
    try:
        with engine.connect() as made:
            yield made
    except DBAPIError as error:
        raise translated(error, engine.url.render_as_string(hide_password=False)) from error
    finally:
        if connectable is None:
            engine.dispose()


def prepare(connection: sa.Connection, names: Schemas) -> None:
    """Settings of the session; search path first, so that an unqualified name is the portal's.

    Raises RefusedError for a server that is too old.
    """
    db.require_version(connection.connection.dbapi_connection.info.server_version)  # type: ignore[union-attr]
    statements = [f"SET search_path = {quote(names.application)}, pg_temp"]
    statements += [f"SET {name} = '{value}'" for name, value in sessions.SESSION.items()]
    connection.exec_driver_sql("; ".join(statements), execution_options={"no_parameters": True})
    connection.commit()
