"""Checkpoints: backups of one portal that say what they hold, and whose restore can be proven."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from .. import db
from ..backup import dumping, events, proving, scratch
from ..backup import manifest as manifests
from ..backup.dumping import Tell
from ..backup.manifest import Manifest, Proof
from ..backup.swap import swap
from ..catalog import portal
from ..ddl import event_log
from ..errors import RefusedError, UsageError
from ..settings import Schemas, schemas, state_folder
from ..wording import count
from ._register import record_checkpoint

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
UNFINISHED = ".unfinished"


@dataclass(frozen=True)
class Item:
    """One checkpoint on disk.  ``bytes`` of its files; ``state``: proven, not proven or unfinished."""

    name: str
    folder: str
    state: str
    kind: str = ""
    database: str = ""
    schema: str = ""
    revision: str | None = None
    created_at: datetime | None = None
    seconds: float = 0.0
    tables: int = 0
    rows: int = 0
    bytes: int = 0
    proven_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """What ``create``, ``verify``, ``restore`` and ``drop`` came to; ``differences`` in words."""

    checkpoint: Item
    seconds: float
    differences: tuple[str, ...] = ()
    restored_to: str | None = None
    kept_as: str | None = None
    recorded: bool = False


def home(folder: str | None = None) -> Path:
    """Where checkpoints are kept: ``folder``, else KINGSTON_CHECKPOINTS, else ``.kingston/checkpoints``."""
    return Path(folder or os.environ.get("KINGSTON_CHECKPOINTS") or state_folder() / "checkpoints")


def create(
    url: str, schema: str | None = None, *, name: str = "", folder: str | None = None, jobs: int = 2,
    physical: bool = False, tell: Tell = lambda text: None,
) -> Report:  # fmt: skip
    """Back up the three schemas of a portal, count and hash what the backup must hold, from one snapshot.

    Raises UsageError for a name that is taken or no file name, NotAPortal, RefusedError for what the tools refuse.
    """
    names = schemas(schema)
    started = time.monotonic()
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
        name = name or f"{found.revision or 'empty'}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        target = _free(home(folder), name)
        with event_log.recorded(connection, names, "checkpoint create", name, make=not found.empty) as event:
            unfinished = _unfinished(target)
            try:
                made = dumping.dump(connection, url, names, found, unfinished, jobs, physical, tell)
            except BaseException:
                shutil.rmtree(unfinished, ignore_errors=True)
                raise
            made = replace(made, name=name, seconds=round(time.monotonic() - started, 3))
            manifests.write(unfinished, made)
            unfinished.rename(target)
            recorded = record_checkpoint(connection, names, made, str(target))
            event.rows = made.rows
    return Report(_item(target), made.seconds, recorded=recorded)


def _unfinished(target: Path) -> Path:
    """The empty folder that becomes ``target`` when all of it is there."""
    unfinished = target.with_name(target.name + UNFINISHED)
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise RefusedError(
            f"the folder {unfinished} cannot be made: {error.strerror}",
            fix="kingston checkpoint create --to FOLDER",
        ) from error
    return unfinished


def listing(folder: str | None = None) -> tuple[Item, ...]:
    """Every checkpoint in the folder, newest first; unfinished ones too."""
    base = home(folder)
    found = [_item(path) for path in base.iterdir() if path.is_dir()] if base.is_dir() else []
    return tuple(sorted(found, key=lambda i: i.created_at or datetime.min.replace(tzinfo=UTC), reverse=True))


def verify(
    url: str, name: str, schema: str | None = None, *, folder: str | None = None, jobs: int = 2,
    tell: Tell = lambda text: None,
) -> Report:  # fmt: skip
    """Prove that it can be restored: every file's hash, then a restore into a scratch database, compared.

    The scratch database is dropped.  A proof is written to the manifest and, from revision
    pre_migration_control on, to rollback_checkpoints; so is a failure.
    """
    path = existing(folder, name)
    held = manifests.read(path)
    names = schemas(schema)
    started = time.monotonic()
    with (
        db.connect(url, names.application) as connection,
        db.plain_errors(url),
        event_log.recorded(connection, names, "checkpoint verify", name, make=False) as event,
    ):
        tell(f"comparing {count(len(held.files), 'file')} with their hashes")
        found = manifests.damaged(path, held)
        server = connection.info.server_version
        if not found and held.kind == "physical":
            tell("pg_verifybackup")
            found = proving.physical(path, server)
        elif not found:
            with scratch.scratch(url, "verify") as target:
                tell(f"restoring into {db.describe(target)}")
                found = proving.restored(held, path, target, server, jobs, tell)
        seconds = round(time.monotonic() - started, 3)
        proof = None if found else Proof(datetime.now(UTC), _server(connection), seconds)
        held = replace(held, proven=proof)
        manifests.write(path, held)
        recorded = record_checkpoint(connection, names, held, str(path), "; ".join(found))
        event.outcome, event.detail = ("differs", "; ".join(found)) if found else ("proven", None)
    return Report(_item(path), seconds, tuple(found), recorded=recorded)


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
                return Report(_item(path), round(time.monotonic() - started, 3), tuple(found))
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
    return Report(_item(path), seconds, restored_to=database, kept_as=old)


def drop(url: str | None, name: str, schema: str | None = None, *, folder: str | None = None) -> Report:
    """Remove its files; where the portal knows it, it is marked as gone."""
    path = existing(folder, name)
    item = _item(path)
    recorded = False
    if url is not None and item.state != "unfinished":
        names = schemas(schema)
        with (
            db.connect(url, names.application) as connection,
            db.plain_errors(url),
            event_log.recorded(connection, names, "checkpoint drop", name, make=False),
        ):
            recorded = record_checkpoint(connection, names, manifests.read(path), None)
            shutil.rmtree(path)
    else:
        shutil.rmtree(path)
    return Report(item, 0.0, recorded=recorded)


def existing(folder: str | None, name: str) -> Path:
    """The folder of checkpoint ``name``; raises UsageError when there is none."""
    path = home(folder) / name
    if not _NAME.match(name) or not path.is_dir():
        raise UsageError(f'there is no checkpoint "{name}" in {home(folder)}', fix="kingston checkpoint list")
    return path


def _free(base: Path, name: str) -> Path:
    if not _NAME.match(name) or name.endswith(UNFINISHED):
        raise UsageError(
            f'"{name}" cannot name a checkpoint: letters, digits, dots, dashes, at most 100',
            fix="--name before-phase-3",
        )
    if (base / name).exists():
        raise UsageError(f'checkpoint "{name}" is there already', fix="choose another --name")
    return base / name


def _item(path: Path) -> Item:
    if path.name.endswith(UNFINISHED) or not (path / manifests.FILE).exists():
        return Item(path.name, str(path), "unfinished")
    held = manifests.read(path)
    return Item(
        name=path.name,
        folder=str(path),
        state="proven" if held.proven else "not proven",
        kind=held.kind,
        database=held.database,
        schema=held.application,
        revision=held.revision,
        created_at=held.created_at,
        seconds=held.seconds,
        tables=len(held.contents),
        rows=held.rows,
        bytes=held.bytes,
        proven_at=held.proven.at if held.proven else None,
    )


def _server(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT current_setting('server_version')").fetchone()
    return str(row[0]).split()[0] if row else ""


def _restorable(url: str, path: Path, held: Manifest, names: Schemas, others: bool) -> None:
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
