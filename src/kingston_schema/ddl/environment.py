"""What ``alembic/env.py`` does: find the database, look before touching it, lock, run, record."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import context
from sqlalchemy.exc import DBAPIError

from .. import __version__, db
from ..errors import (
    EXIT_PARTIAL,
    EXIT_REFUSED,
    EXIT_RETRY,
    BusyError,
    KingstonError,
    OutcomeUnknown,
    RefusedError,
    UsageError,
)
from ..settings import Schemas, schemas
from . import allowances, event_log, preflight, runner, sessions, stamping, toolkit
from .attempts import SCRIPT, listen
from .events import PlainReporter
from .heartbeat import Heartbeat
from .run import SESSION, Run
from .sqltext import quote

VERSION_TABLE = "alembic_version"
PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname", "kingston_schema"]
# Exit codes that say that nothing was changed.
UNCHANGED = (EXIT_REFUSED, EXIT_RETRY)


def main() -> None:
    """Entry of env.py.  From the command line every expected failure is one message and an exit code."""
    try:
        if context.is_offline_mode():
            _offline()
        else:
            _online()
    except KingstonError as error:
        if context.config.cmd_opts is None:
            raise
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(EXIT_PARTIAL if error.part_way and error.exit_code in UNCHANGED else error.exit_code)


def _arguments() -> dict[str, Any]:
    """``-x schema=… -x allow=… -x url=… -x actor=…``, with the attributes of an in-process caller on top."""
    given = context.get_x_argument(as_dictionary=False)
    pairs = [item.partition("=") for item in given]
    known = {"schema", "allow", "url", "actor"}
    for key, _, _ in pairs:
        if key not in known:
            raise UsageError(
                f"-x {key}=… is not understood",
                fix="-x schema=NAME, -x allow=CHECK:reason, -x url=URL or -x actor=NAME",
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
        "actor": event_log.given_name(attributes.get("actor") or last.get("actor")),
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


def _offline() -> None:
    given = _arguments()
    names: Schemas = given["schemas"]
    run = Run(names, allowed=given["allowed"])
    context.configure(
        url="postgresql+psycopg://",
        dialect_opts={"paramstyle": "named"},
        target_metadata=_metadata(),
        literal_binds=True,
        kingston_run=run,
        on_version_apply=run.applied,  # type: ignore[arg-type]
        **_options(names),
    )
    migration = context.get_context()
    migration._migrations_fn = run.wrap(migration._migrations_fn, offline=True)  # type: ignore[arg-type]
    header = [f"SET search_path = {quote(names.application)}, pg_temp;"]
    header += [f"SET {name} = '{value}';" for name, value in (SESSION | {"lock_timeout": SCRIPT}).items()]
    migration.impl.static_output("\n".join(header))
    with context.begin_transaction():
        context.run_migrations()


def _online() -> None:
    given = _arguments()
    names: Schemas = given["schemas"]
    target = _target()
    with _connection(given) as connection:
        _prepare(connection, names)
        if target is None:
            _configure(connection, names, None)
            context.run_migrations()
            return
        url = connection.engine.url.render_as_string(hide_password=False)
        side = db.connect(url, names.application, application_name="kingston_schema journal")
        try:
            _change(connection, side, given, target, url)
        except BaseException as error:
            translated = _translated(error, url)
            if translated is error:
                raise
            raise translated from error
        finally:
            side.close()


def _change(
    connection: sa.Connection,
    side: psycopg.Connection[Any],
    given: dict[str, Any],
    target: tuple[str, str],
    url: str,
) -> None:
    """A command that changes the database: alone, recorded step by step, verified at its end."""
    names: Schemas = given["schemas"]
    direction, revision = target
    work: psycopg.Connection[Any] = connection.connection.dbapi_connection  # type: ignore[assignment]
    sessions.prepare(side, sessions.SIDE)
    sessions.prepare(work, sessions.work())
    work.commit()
    reporter = given["reporter"] or PlainReporter()
    listen(work, reporter)
    run = Run(names, allowed=given["allowed"], reporter=reporter, side=side, backend=work.info.backend_pid)
    log = run.events = event_log.EventLog(side, names, run.id, given["actor"])
    with runner.one_runner(side, work, names, reporter), contextlib.ExitStack() as stack:
        log.open_if_there()  # a refusal is recorded, too, but nothing is made for it
        story = stack.enter_context(event_log.around(log, direction, revision, given["allowed"]))
        recorded = preflight.check(side, names, direction, context.script, revision, given["allowed"])
        if direction == "stamp":
            stamping.check(side, names, context.script, revision, given["allowed"])
        else:
            _known(recorded, side, names)
        if recorded and recorded != ["legacy"] and direction != "stamp" and toolkit.missing(side, names):
            toolkit.install(side, names, Path(context.script.dir) / "sql")
        if not log.is_open:
            log.open()
            event_log.opened(log, direction, revision, given["allowed"])
        run.register = runner.Register(side, names, run.id, run.backend, f"{direction} {revision}")
        going = {"upgrade": "up", "downgrade": "down"}.get(direction, "")
        with Heartbeat(side, work, names, run.id) as heartbeat:
            try:
                _configure(connection, names, run, going)
                with context.begin_transaction():
                    context.run_migrations()
                if going:
                    with heartbeat.held():
                        run.verify(going)
            except BaseException as error:
                said = run.failed(_translated(error, url, heartbeat.reason), context.script)
                if said is error:
                    raise
                raise said from error
        story.rows = run.rows


def _known(recorded: list[str], side: psycopg.Connection[Any], names: Schemas) -> None:
    """Refuse a database whose revision only another version of this package knows."""
    known = {script.revision for script in context.script.walk_revisions()}
    for revision in recorded:
        if revision not in known:
            by = runner.last_version(side, names)
            raise RefusedError(
                f'the database is recorded at revision "{revision}", which version {__version__} of kingston-schema does not'
                f" know{f'; version {by} was the last to change it' if by else ''}",
                fix="use the version of kingston-schema that brought it there",
                obj=revision,
            )


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


def _metadata() -> sa.MetaData | None:
    """The models, for commands that compare them with the database; importing them is a third of the start of all others."""
    steps = context._proxy.context_opts.get("fn")  # type: ignore[attr-defined]
    if getattr(steps, "__name__", "") != "retrieve_migrations":
        return None
    from ..models import metadata

    return metadata


def _configure(connection: sa.Connection, names: Schemas, run: Run | None, going: str = "") -> None:
    options: dict[str, Any] = {"on_version_apply": run.applied} if run is not None else {}
    context.configure(
        connection=connection, target_metadata=_metadata(), kingston_run=run, **options, **_options(names)
    )
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


def _translated(error: BaseException, url: str, silence: str = "") -> BaseException:
    """Server errors as ours: what, why, next; anything unexpected stays what it is.

    ``silence``: why the heartbeat cut the connections, when it did.
    """
    error = db.underlying(error)
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg.Error):
        return error
    if silence:
        return OutcomeUnknown(
            f"{silence}; the connections to database {db.describe(url)} were cut",
            fix="see that the server runs and can be reached, then run the same command again: it finds out what was done",
        )
    said = [part for part in (original.diag.message_primary, original.diag.message_detail) if part]
    hint = original.diag.message_hint or "run the same command again"
    if original.sqlstate in ("KS003", "23514"):  # our own refusals, and rows that break a rule
        return RefusedError("\n  ".join(said), fix=hint)
    if original.sqlstate in ("55P03", "KS004"):
        return BusyError("\n  ".join(said), fix=hint)
    return db.translate(original, url) or error
