"""A backup of one portal that says what it holds."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ... import db
from ...backup import dumping
from ...backup import manifest as manifests
from ...backup.dumping import Tell
from ...catalog import portal
from ...ddl import event_log
from ...errors import RefusedError
from ...settings import schemas
from .._register import record_checkpoint
from .items import UNFINISHED, Report, free, home, item


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
        target = free(home(folder), name)
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
    return Report(item(target), made.seconds, recorded=recorded)


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
