"""The end of a checkpoint."""

from __future__ import annotations

import shutil

from ... import db
from ...backup import manifest as manifests
from ...ddl import event_log
from ...settings import schemas
from .._register import record_checkpoint
from .items import Report, existing, item


def drop(url: str | None, name: str, schema: str | None = None, *, folder: str | None = None) -> Report:
    """Remove its files; where the portal knows it, it is marked as gone."""
    path = existing(folder, name)
    held = item(path)
    recorded = False
    if url is not None and held.state != "unfinished":
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
    return Report(held, 0.0, recorded=recorded)
