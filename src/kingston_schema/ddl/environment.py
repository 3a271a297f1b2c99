"""What ``alembic/env.py`` does: find the database, look before touching it, lock, run, record."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import context
from sqlalchemy.exc import DBAPIError

from .. import db
from ..errors import BusyError, KingstonError, RefusedError, UsageError
from ..settings import Schemas, schemas
from . import allowances, preflight, stamping, toolkit
from .attempts import SCRIPT, listen
from .run import SESSION, Run
from .sqltext import quote

VERSION_TABLE = "alembic_version"
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "kingston_schema"]
# Another runner at work: poll this long before giving up (a blocking lock would deadlock with CREATE INDEX CONCURRENTLY).
RUNNER_WAIT_SECONDS = float(os.environ.get("KINGSTON_RUNNER_WAIT", "600"))


def main(metadata: sa.MetaData) -> None:
    """Entry of env.py.  From the command line every expected failure is one message and an exit code."""
    try:
        if context.is_offline_mode():
            _offline(metadata)
        else:
            _online(metadata)
    except KingstonError as error:
        if context.config.cmd_opts is None:
            raise
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


def _arguments() -> dict[str, Any]:
    """``-x schema=… -x allow=… -x url=…``, with the attributes of an in-process caller on top."""
    given = context.get_x_argument(as_dictionary=False)
    pairs = [item.partition("=") for item in given]
    known = {"schema", "allow", "url"}
    for key, _, _ in pairs:
        if key not in known:
            raise UsageError(
                f"-x {key}=… is not understood", fix="-x schema=NAME, -x allow=CHECK:reason or -x url=URL"
            )
    attributes = context.config.attributes
    last = {key: value for key, _, value in pairs}
    return {
        "schemas": schemas(attributes.get("schema") or last.get("schema")),
        "url": attributes.get("url") or last.get("url"),
        "allowed": allowances.parse(
            [v for k, _, v in pairs if k == "allow"] + list(attributes.get("allow", ())),
            Path(context.script.dir),
        ),
        "reporter": attributes.get("reporter"),
        "connection": attributes.get("connection"),
    }


def _options(names: Schemas) -> dict[str, Any]:
    return {
        "transaction_per_migration": True,
        "version_table": VERSION_TABLE,
        "compare_type": True,
        "compare_server_default": True,
        "include_object": _include_object,
        "autogenerate_plugins": PLUGINS,
        "kingston_schemas": names,
    }


def _include_object(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """A production database may hold more than the models: extra tables, columns and indexes are not ours."""
    return not (reflected and compare_to is None and kind in ("table", "column", "index"))


def _offline(metadata: sa.MetaData) -> None:
    given = _arguments()
    names: Schemas = given["schemas"]
    run = Run(names, allowed=given["allowed"])
    context.configure(
        url="postgresql+psycopg://",
        dialect_opts={"paramstyle": "named"},
        target_metadata=metadata,
        literal_binds=True,
        kingston_run=run,
        **_options(names),
    )
    migration = context.get_context()
    migration._migrations_fn = run.wrap(migration._migrations_fn, offline=True)  # type: ignore[arg-type]
    header = [f"SET search_path = {quote(names.application)}, pg_temp;"]
    header += [f"SET {name} = '{value}';" for name, value in (SESSION | {"lock_timeout": SCRIPT}).items()]
    migration.impl.static_output("\n".join(header))
    with context.begin_transaction():
        context.run_migrations()


def _online(metadata: sa.MetaData) -> None:
    given = _arguments()
    names: Schemas = given["schemas"]
    target = _target()
    with _connection(given) as connection:
        _prepare(connection, names)
        if target is None:
            _configure(connection, metadata, names, None)
            context.run_migrations()
            return
        direction, revision = target
        url = connection.engine.url.render_as_string(hide_password=False)
        side = db.connect(url, names.application, application_name="kingston_schema journal")
        with side, _one_runner(side, names):
            recorded = preflight.check(side, names, direction, context.script, revision, given["allowed"])
            if direction == "stamp":
                stamping.check(side, names, context.script, revision, given["allowed"])
            if recorded and recorded != ["legacy"] and direction != "stamp" and toolkit.missing(side, names):
                toolkit.install(side, names, Path(context.script.dir) / "sql")
            run = Run(names, allowed=given["allowed"], reporter=given["reporter"], side=side)
            listen(connection.connection.dbapi_connection, run.reporter)  # type: ignore[arg-type]
            _configure(
                connection, metadata, names, run, {"upgrade": "up", "downgrade": "down"}.get(direction, "")
            )
            try:
                with context.begin_transaction():
                    context.run_migrations()
            except BaseException as error:
                translated = _translated(error, url)
                run.failed(translated)
                if translated is error:
                    raise
                raise translated from error


def _target() -> tuple[str, str] | None:
    """(upgrade | downgrade | stamp, revision) of a command that changes the database; None for the others."""
    try:
        revision = context.get_revision_argument()
    except KeyError:
        return None
    steps = context._proxy.context_opts.get("fn")  # type: ignore[attr-defined]
    name = getattr(steps, "__name__", "")
    direction = {"upgrade": "upgrade", "downgrade": "downgrade", "do_stamp": "stamp"}.get(name)
    wanted = revision if isinstance(revision, str) else ",".join(revision) if revision else "base"
    return (direction, wanted) if direction else None


def _configure(
    connection: sa.Connection, metadata: sa.MetaData, names: Schemas, run: Run | None, going: str = ""
) -> None:
    context.configure(connection=connection, target_metadata=metadata, kingston_run=run, **_options(names))
    if run is not None:
        migration = context.get_context()
        migration._migrations_fn = run.wrap(migration._migrations_fn, offline=False, going=going)  # type: ignore[arg-type]


@contextlib.contextmanager
def _connection(given: dict[str, Any]) -> Iterator[sa.Connection]:
    """The connection the caller gave, else one of our own; never a URL that nobody gave us.

    Under pytest an explicit connection or URL is demanded: a stock env.py once emptied the database
    named in alembic.ini while the fixture pointed elsewhere.
    """
    connectable = given["connection"]
    if isinstance(connectable, sa.Connection):
        yield connectable
        return
    engine = connectable
    if engine is None:
        if "pytest" in sys.modules and not given["url"]:
            raise RefusedError(
                "a test ran Alembic without saying on which database",
                fix='config.attributes["url"] = … or config.attributes["connection"] = …',
            )
        url, _ = db.resolve_url(given["url"])
        engine = db.engine(url, schema=given["schemas"].application)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _translated(error, engine.url.render_as_string(hide_password=False)) from error
    finally:
        if connectable is None:
            engine.dispose()


def _prepare(connection: sa.Connection, names: Schemas) -> None:
    """Settings of the session; search path first, so that an unqualified name is the portal's."""
    db.require_version(connection.connection.dbapi_connection.info.server_version)  # type: ignore[union-attr]
    statements = [f"SET search_path = {quote(names.application)}, pg_temp"]
    statements += [f"SET {name} = '{value}'" for name, value in SESSION.items()]
    connection.exec_driver_sql("; ".join(statements), execution_options={"no_parameters": True})
    connection.commit()


@contextlib.contextmanager
def _one_runner(side: psycopg.Connection[Any], names: Schemas) -> Iterator[None]:
    """Only one runner per portal: polls pg_try_advisory_lock on a connection of its own."""
    key = zlib.crc32(f"kingston_schema {names.application}".encode())
    until = time.monotonic() + RUNNER_WAIT_SECONDS
    while True:
        row = side.execute("SELECT pg_try_advisory_lock(%s, %s)", (19730, key - 2**31)).fetchone()
        if row and row[0]:
            break
        if time.monotonic() > until:
            raise BusyError(
                f"another runner has been at work on schema {names.application} for {RUNNER_WAIT_SECONDS:.0f} s",
                fix="wait for it, or look: SELECT * FROM pg_stat_activity WHERE application_name LIKE 'kingston_schema%'",
            )
        time.sleep(0.05 + random.random() * 0.1)
    try:
        yield
    finally:
        with contextlib.suppress(psycopg.Error):
            side.execute("SELECT pg_advisory_unlock(%s, %s)", (19730, key - 2**31))


def _translated(error: BaseException, url: str) -> BaseException:
    """Server errors as ours: what, why, next; anything unexpected stays what it is."""
    error = db.underlying(error)
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return error
    said = [part for part in (original.diag.message_primary, original.diag.message_detail) if part]
    hint = original.diag.message_hint or "run the same command again"
    if original.sqlstate in ("KS003", "23514"):  # our own refusals, and rows that break a rule
        return RefusedError("\n  ".join(said), fix=hint)
    if original.sqlstate in ("55P03", "KS004"):
        return BusyError("\n  ".join(said), fix=hint)
    return db.translate(original, url) or error
