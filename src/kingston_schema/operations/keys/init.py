"""First keys of a portal: master key, ring, registry, in this order, so that nothing is registered that could be lost."""

from __future__ import annotations

from ... import db
from ...crypto import keyring, master, registry
from ...crypto.keyring import PURPOSES, Ring
from ...errors import KeyRingError, RefusedError
from ...settings import schemas
from .._noting import noted
from . import state


def run(url: str, schema: str | None = None, *, adopt: bool = False, dry_run: bool = False) -> state.Report:
    """Make version 1 of each key and activate it; ``adopt``: register the keys of a ring that is there already.

    Raises KeyRingError where a key is not configured, cannot be used, or a ring is in the way; RefusedError where the
    portal has keys.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        noted(connection, names, "keys init", dry_run=dry_run) as event,
        db.plain_errors(url),
        connection.transaction(),
    ):
        registry.require(connection)
        registry.alone(connection)
        if registry.read(connection):
            raise RefusedError("this portal has keys already", fix="kingston keys status")
        place = master.ring_path()
        ring = keyring.load() if adopt else Ring(())
        if place.exists() and not adopt:
            raise KeyRingError(
                f"there is a key ring at {place}: another portal's, or this one's after a restore",
                fix=f"another portal: {master.RING}=/another/place; this one's: kingston keys init --adopt",
            )
        did = []
        file = master.file_path()
        if file and not file.exists():
            did.append(f"master key made: {file}")
        if not adopt:
            for purpose in PURPOSES:
                ring = ring.with_new(purpose, 1)
            did.append(f"key ring made: {place}")
        newest = {
            purpose: max((k.version for k in ring.keys if k.purpose == purpose), default=0)
            for purpose in PURPOSES
        }
        if 0 in newest.values():
            raise KeyRingError(f"the key ring {place} lacks a key for one of: {', '.join(PURPOSES)}")
        did += [f"{k.purpose} key {k.version} registered" for k in ring.keys]
        if not dry_run:
            if not adopt:
                fresh = file is not None and not file.exists()
                secret = master.new_master(file) if fresh and file else master.read_master()
                keyring.save(ring, secret, fresh=True)
                ring = keyring.load()  # what was written can be read, before anything depends on it
            for key in ring.keys:
                status = "active" if key.version == newest[key.purpose] else "decrypt_only"
                registry.add(connection, key.purpose, key.version, key.check, status)
        else:
            if file is None or file.exists():
                master.read_master()
            ring = ring if adopt else Ring(())  # the keys of a dry run exist nowhere
        event.detail = f"{len(ring.keys)} keys registered"
        return state.report(connection, names.application, ring, tuple(did), dry_run)
