"""The proof that a checkpoint can be restored: it is restored."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import psycopg

from ... import db
from ...backup import manifest as manifests
from ...backup import proving, scratch
from ...backup.dumping import Tell
from ...backup.manifest import Proof
from ...ddl import event_log
from ...settings import schemas
from ...wording import count
from .._register import record_checkpoint
from .items import Report, existing, item


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
    return Report(item(path), seconds, tuple(found), recorded=recorded)


def _server(connection: psycopg.Connection) -> str:
    row = connection.execute("SELECT current_setting('server_version')").fetchone()
    return str(row[0]).split()[0] if row else ""
