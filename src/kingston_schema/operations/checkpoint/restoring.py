"""A checkpoint takes the place of the database; the old one is kept."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from pathlib import Path

from ... import db
from ...backup import events, proving, scratch
from ...backup import manifest as manifests
from ...backup.dumping import Tell
from ...backup.manifest import Manifest
from ...backup.swap import swap
from ...ddl import event_log
from ...errors import RefusedError
from ...settings import Schemas, schemas
from .items import Report, existing, item


def restore(
    url: str, name: str, schema: str | None = None, *, folder: str | None = None, jobs: int = 2,
    others: bool = False, tell: Tell = lambda text: None,
) -> Report:  # fmt: skip
    """Rollback of level 3: restore into a new database, compare, swap by rename; the old database is kept.

    Raises RefusedError for a damaged checkpoint, a physical one, another portal's, and for a database with other
    schemas that hold tables (``others``: leave those in the old database).
    """
    path = existing(folder, name)
    held = manifests.read(path)
    names = schemas(schema)
    with contextlib.ExitStack() as stack, db.plain_errors(url):
        live = stack.enter_context(db.connect(url, names.application))
        log = event_log.EventLog(live, names)
        log.open_if_there()
        with event_log.around(log, "checkpoint restore", name) as event:
            _restorable(url, path, held, names, others)
            return _restore(url, path, held, jobs, tell, log, event, stack)


def _restore(
    url: str, path: Path, held: Manifest, jobs: int, tell: Tell, log: event_log.EventLog,
    event: event_log.Command, stack: contextlib.ExitStack,
) -> Report:  # fmt: skip
    """``log`` is on the database that is replaced, and goes on in the one that takes its place (kept open by ``stack``)."""
    started = time.monotonic()
    database = db.parse(url).database or held.database
    stamp = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    new, old = f"{database[:40]}_restored_{stamp}", f"{database[:40]}_before_{stamp}"
    with scratch.administering(url) as admin, db.plain_errors(url):
        scratch.create(admin, new, database, f"Kingston Schema: checkpoint {held.name}, being restored")
        target = scratch.beside(url, new)
        try:
            tell(f"restoring into {db.describe(target)}")
            found = proving.restored(held, path, target, admin.info.server_version, jobs, tell)
            if found:
                scratch.drop(admin, new)
                event.outcome, event.detail = "differs", "; ".join(found)
                return Report(item(path), round(time.monotonic() - started, 3), tuple(found))
            with db.connect(target) as restored:
                whole = events.carry(log.connection, restored, log.names)
            tell(f"swapping: {database} becomes {old}, {new} becomes {database}")
            log.connection.close()
            swap(admin, database, new, old)
        except BaseException:
            row = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone()
            if row:
                scratch.drop(admin, new)
                if log.connection.closed:
                    log.connection = stack.enter_context(db.connect(url, log.names.application))
            raise
    log.connection = stack.enter_context(db.connect(url, log.names.application))
    log.open()
    event.rows = held.rows
    event.detail = f"the database of before is kept as {old}" + ("" if whole else ", and its events with it")
    seconds = round(time.monotonic() - started, 3)
    return Report(item(path), seconds, restored_to=database, kept_as=old)


def _restorable(url: str, path: Path, held: Manifest, names: Schemas, others: bool) -> None:
    """Raise RefusedError for what ``restore`` would get wrong."""
    if held.kind == "physical":
        raise RefusedError(
            "a physical checkpoint holds a whole server and is restored by starting a server on it",
            fix=f"copy {path / 'base'} to an empty data folder and start PostgreSQL on it",
        )
    if held.application != names.application:
        raise RefusedError(
            f"checkpoint {held.name} is of schema {held.application}, not {names.application}",
            fix=f"kingston --schema {held.application} checkpoint restore {held.name}",
        )
    damage = manifests.damaged(path, held)
    if damage:
        raise RefusedError(
            f"checkpoint {held.name} is damaged: {damage[0]}", fix="kingston checkpoint list shows the others"
        )
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        rows = connection.execute(
            "SELECT DISTINCT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname <> ALL (%s) AND n.nspname !~ '^pg_'"
            " AND n.nspname <> 'information_schema' ORDER BY 1",
            (list({*held.schemas, names.control, names.archive}),),
        ).fetchall()
    if rows and not others:
        raise RefusedError(
            f"the database holds other schemas with tables, which the checkpoint has not: {', '.join(r[0] for r in rows)}",
            fix="kingston checkpoint restore … --leave-others keeps them in the old database only",
        )
