"""What the portal knows of its keys: table encryption_keys.  Versions, states and check values; never a key."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import class_row

from ..errors import BusyError, KeyRingError, RefusedError
from .keyring import ALGORITHMS, NAMES, Ring

# Writers of ciphertext share it until they commit; promotion and retirement take it alone.  So no value under an older
# key is committed after a promotion, whatever a process remembers.  Per database and portal; no right is needed for it.
FENCE = "hashtextextended('kingston keys ' || current_schema(), 0)"
SHARED = f"SELECT pg_advisory_xact_lock_shared({FENCE})"
ALONE = f"SELECT pg_advisory_xact_lock({FENCE})"


@dataclass(frozen=True)
class Entry:
    """One key version.  ``status``: pending, active, decrypt_only, retired."""

    purpose: str
    version: int
    status: str
    check: str
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


def present(connection: psycopg.Connection[Any]) -> bool:
    """Whether the portal is at phase_2_field_encryption or above."""
    row = connection.execute("SELECT to_regclass('encryption_keys') IS NOT NULL").fetchone()
    return bool(row and row[0])


def require(connection: psycopg.Connection[Any]) -> None:
    """Raise RefusedError below phase_2_field_encryption."""
    if not present(connection):
        raise RefusedError(
            "the portal has no encrypted fields yet: revision phase_2_field_encryption makes them",
            fix="kingston upgrade phase_2",
        )


def read(connection: psycopg.Connection[Any]) -> tuple[Entry, ...]:
    """All key versions, oldest first."""
    rows = connection.cursor(row_factory=class_row(Entry)).execute(
        'SELECT purpose, key_version AS version, status, key_check_value AS "check", created_at, activated_at, retired_at'
        " FROM encryption_keys WHERE key_name = ANY (%s) ORDER BY purpose DESC, key_version",
        (list(NAMES.values()),),
    )
    return tuple(rows.fetchall())


def compare(ring: Ring, entries: tuple[Entry, ...]) -> None:
    """Raise KeyRingError unless the ring has every key that the portal may still need, and they are those keys."""
    for entry in entries:
        if entry.status == "retired":
            continue
        key = ring.find(entry.purpose, entry.version)
        said = f"{entry.purpose} key {entry.version}"
        if key is None:
            raise KeyRingError(
                f"the key ring has no {said}, which the portal needs ({entry.status})",
                fix="copy the current ring to this machine, or restore it",
            )
        if key.check != entry.check:
            raise KeyRingError(
                f"{said} of the ring is not the portal's: its check value is {key.check}, recorded is {entry.check}",
                fix="name the ring of this portal",
            )


def add(connection: psycopg.Connection[Any], purpose: str, version: int, check: str, status: str) -> None:
    """Record a key version as pending or active."""
    connection.execute(
        "INSERT INTO encryption_keys (key_name, key_version, purpose, algorithm, status, key_check_value, activated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, CASE WHEN %s = 'active' THEN now() END)",
        (NAMES[purpose], version, purpose, ALGORITHMS[purpose], status, check, status),
    )


def alone(connection: psycopg.Connection[Any], patience: float = 10.0) -> None:
    """Take the fence alone, inside the transaction at hand; a writer never waits longer than one short attempt.

    Raises BusyError when writers hold it all the time.
    """
    for _ in range(max(1, int(patience / 0.08))):
        try:
            with connection.transaction():
                connection.execute("SET LOCAL lock_timeout = '50ms'")
                connection.execute(ALONE.encode())
            return
        except psycopg.errors.LockNotAvailable:
            time.sleep(random.uniform(0.01, 0.05))  # whoever queued behind us goes first
    raise BusyError(
        "transactions that write secrets are in the way and do not end",
        fix="try again; kingston status shows who",
    )
