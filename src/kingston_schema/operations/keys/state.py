"""What the key ring and the portal's registry say of each key version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ...crypto import keyring, master, registry
from ...crypto.keyring import Ring
from ...errors import KeyRingError


@dataclass(frozen=True)
class Version:
    """One key version.  ``ring``: held, missing, other (another key of that number)."""

    purpose: str
    version: int
    status: str
    check: str
    ring: str
    created_at: datetime | None = None
    activated_at: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Report:
    """``did``: what was done, or would be, in words."""

    schema: str
    master: str
    ring: str
    keys: tuple[Version, ...]
    did: tuple[str, ...] = ()
    dry_run: bool = False


def source() -> str:
    """Where the master key comes from, in words."""
    file = master.file_path()
    if not master.configured():
        return f"none: neither {master.FILE} nor {master.COMMAND} is set"
    return f"file {file}" if file else f"the command of {master.COMMAND}"


def report(
    connection: psycopg.Connection[Any], schema: str, ring: Ring | None, did: tuple[str, ...] = (), dry_run: bool = False
) -> Report:  # fmt: skip
    """How things stand now; what the ring holds beyond the registry is listed as ``not registered``."""
    entries = registry.read(connection)
    found = []
    for e in entries:
        key = ring.find(e.purpose, e.version) if ring else None
        held = "missing" if key is None else "held" if key.check == e.check else "other"
        found.append(
            Version(e.purpose, e.version, e.status, e.check, held, e.created_at, e.activated_at, e.retired_at)
        )
    known = {(e.purpose, e.version) for e in entries}
    found += [
        Version(k.purpose, k.version, "not registered", k.check, "held")
        for k in (ring.keys if ring else ())
        if (k.purpose, k.version) not in known
    ]
    return Report(schema, source(), str(master.ring_path()), tuple(found), did, dry_run)


def usable(connection: psycopg.Connection[Any]) -> Ring:
    """The configured ring, compared with the registry.  Raises KeyRingError, RefusedError."""
    registry.require(connection)
    ring = keyring.load()
    entries = registry.read(connection)
    if not entries:
        raise KeyRingError("this portal has no keys yet", fix="kingston keys init")
    registry.compare(ring, entries)
    return ring
