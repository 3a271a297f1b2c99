"""New key versions: added and given to every process first (pending), then promoted (active)."""

from __future__ import annotations

from collections.abc import Sequence

from ... import db
from ...crypto import keyring, master, registry
from ...crypto.keyring import PURPOSES
from ...errors import RefusedError
from ...settings import schemas
from .._noting import noted
from . import state


def add(
    url: str, schema: str | None = None, *, purposes: Sequence[str] = PURPOSES, dry_run: bool = False
) -> state.Report:
    """Add a version per purpose to the ring, on disk, then to the registry as pending.

    Raises KeyRingError, RefusedError where one is pending already.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "keys add", ", ".join(purposes), dry_run=dry_run) as event,
        db.plain_errors(url),
        connection.transaction(),
    ):
        held = ring = state.usable(connection)
        registry.alone(connection)
        entries = registry.read(connection)
        did, new = [], []
        for purpose in purposes:
            if any(e.purpose == purpose and e.status == "pending" for e in entries):
                raise RefusedError(f"a new {purpose} key waits already", fix="kingston keys promote")
            taken = [e.version for e in entries if e.purpose == purpose]
            taken += [k.version for k in ring.keys if k.purpose == purpose]
            ring = ring.with_new(purpose, max(taken, default=0) + 1)
            new.append(ring.keys[-1])
            did.append(f"{purpose} key {ring.keys[-1].version} added, pending")
        if not dry_run:
            keyring.save(ring, master.read_master())
            ring = keyring.load()
            for key in new:
                registry.add(connection, key.purpose, key.version, key.check, "pending")
        event.detail = "; ".join(did)
        return state.report(connection, names.application, held if dry_run else ring, tuple(did), dry_run)


def promote(
    url: str, schema: str | None = None, *, purposes: Sequence[str] = PURPOSES, dry_run: bool = False
) -> state.Report:
    """Write with the pending version from now on; the one before still decrypts.

    When this returns no value under the older key can be committed any more.  Raises RefusedError where none is pending.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "keys promote", ", ".join(purposes), dry_run=dry_run) as event,
        db.plain_errors(url),
        connection.transaction(),
    ):
        ring = state.usable(connection)
        registry.alone(connection)
        did = []
        for e in registry.read(connection):
            if e.status != "pending" or e.purpose not in purposes:
                continue
            did.append(f"{e.purpose} key {e.version} is active")
            if not dry_run:
                connection.execute(
                    "UPDATE encryption_keys SET status = 'decrypt_only' WHERE purpose = %s AND status = 'active'",
                    (e.purpose,),
                )
                connection.execute(
                    "UPDATE encryption_keys SET status = 'active', activated_at = now() WHERE purpose = %s AND key_version = %s"
                    " AND key_name = %s",
                    (e.purpose, e.version, keyring.NAMES[e.purpose]),
                )
        if not did:
            raise RefusedError("no new key waits to be promoted", fix="kingston keys add")
        event.detail = "; ".join(did)
        return state.report(connection, names.application, ring, tuple(did), dry_run)
