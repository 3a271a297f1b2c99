"""What ``alembic/env.py`` does: find the database, look before touching it, lock, run, record."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import context

from .. import db
from ..errors import EXIT_PARTIAL, EXIT_REFUSED, EXIT_RETRY, KingstonError
from ..settings import Schemas
from . import (
    alembic_command,
    connecting,
    event_log,
    given,
    preflight,
    runner,
    sessions,
    stamping,
    toolkit,
    unknown_revision,
)
from .attempts import SCRIPT, listen
from .given import Given
from .heartbeat import Heartbeat
from .records import Records
from .run import Run
from .script_run import ScriptRun
from .sqltext import quote
from .translating import translated

# Exit codes that say that nothing was changed.
UNCHANGED = (EXIT_REFUSED, EXIT_RETRY)


def main() -> None:
    """Entry of env.py.  From the command line every expected failure is one message and an exit code."""
    try:
        if context.is_offline_mode():
            _offline(given.read())
        else:
            _online(given.read())
    except KingstonError as error:
        if context.config.cmd_opts is None:
            raise
        print(f"FAILED: {error}", file=sys.stderr)
        sys.exit(EXIT_PARTIAL if error.part_way and error.exit_code in UNCHANGED else error.exit_code)


def _offline(asked: Given) -> None:
    """A script: every statement of the run, and the settings of its session."""
    run = ScriptRun(asked.schemas, asked.allowed)
    context.configure(
        url="postgresql+psycopg://",
        dialect_opts={"paramstyle": "named"},
        literal_binds=True,
        kingston_run=run,
        on_version_apply=run.applied,  # type: ignore[arg-type]
        **alembic_command.options(asked.schemas),
    )
    migration = context.get_context()
    migration._migrations_fn = run.wrap(migration._migrations_fn)  # type: ignore[arg-type]
    settings = sessions.SESSION | {"lock_timeout": SCRIPT}
    header = [f"SET search_path = {quote(asked.schemas.application)}, pg_temp;"]
    header += [f"SET {name} = '{value}';" for name, value in settings.items()]
    migration.impl.static_output("\n".join(header))
    with context.begin_transaction():
        context.run_migrations()


def _online(asked: Given) -> None:
    """A command on a database; one that only looks needs no second connection."""
    names = asked.schemas
    target = alembic_command.target()
    with connecting.connection(asked) as connection:
        connecting.prepare(connection, names)
        if target is None:
            _configure(connection, names, None)
            context.run_migrations()
            return
        url = connection.engine.url.render_as_string(hide_password=False)
        side = db.connect(url, names.application, application_name="kingston_schema journal")
        try:
            _change(connection, side, asked, target, url)
        except BaseException as error:
            ours = translated(error, url)
            if ours is error:
                raise
            raise ours from error
        finally:
            side.close()


def _change(
    connection: sa.Connection,
    side: psycopg.Connection[Any],
    asked: Given,
    target: tuple[str, str],
    url: str,
) -> None:
    """A command that changes the database: alone, recorded step by step, verified at its end."""
    names, allowed, reporter = asked.schemas, asked.allowed, asked.reporter
    direction, revision = target
    work: psycopg.Connection[Any] = connection.connection.dbapi_connection  # type: ignore[assignment]
    sessions.prepare(side, sessions.SIDE)
    sessions.prepare(work, sessions.work())
    work.commit()
    listen(work, reporter)
    records = Records(
        side, names, backend=work.info.backend_pid, command=f"{direction} {revision}", actor=asked.actor
    )
    run, log = Run(records, reporter, allowed), records.events
    with runner.one_runner(side, work, names, reporter), contextlib.ExitStack() as stack:
        log.open_if_there()  # a refusal is recorded, too, but nothing is made for it
        story = stack.enter_context(event_log.around(log, direction, revision, allowed))
        _look_first(side, names, target, allowed)
        if not log.is_open:
            log.open()
            event_log.opened(log, direction, revision, allowed)
        going = {"upgrade": "up", "downgrade": "down"}.get(direction, "")
        with Heartbeat(side, work, names, records.run) as heartbeat:
            try:
                _configure(connection, names, run, going)
                with context.begin_transaction():
                    context.run_migrations()
                if going:
                    with heartbeat.held():
                        run.verify(going)
            except BaseException as error:
                said = run.failed(translated(error, url, heartbeat.reason), context.script)
                if said is error:
                    raise
                raise said from error
        story.rows = run.rows


def _look_first(
    side: psycopg.Connection[Any], names: Schemas, target: tuple[str, str], allowed: dict[str, str]
) -> None:
    """Refuse what cannot end well; a portal that arrived without its control schema gets it."""
    direction, revision = target
    recorded = preflight.check(side, names, direction, context.script, revision, allowed)
    if direction == "stamp":
        stamping.check(side, names, context.script, revision, allowed)
        return
    unknown_revision.refuse(recorded, context.script, side, names)
    if recorded and recorded != ["legacy"] and toolkit.missing(side, names):
        toolkit.install(side, names, Path(context.script.dir) / "sql")


def _configure(connection: sa.Connection, names: Schemas, run: Run | None, going: str = "") -> None:
    """Alembic's context; ``run``: what is recorded of a command that changes the database."""
    applied: dict[str, Any] = {"on_version_apply": run.applied} if run is not None else {}
    context.configure(connection=connection, kingston_run=run, **applied, **alembic_command.options(names))
    if run is not None:
        migration = context.get_context()
        migration._migrations_fn = run.wrap(migration._migrations_fn, going=going)  # type: ignore[arg-type]
