"""One sensitive field rewritten row by row while it is in use: passes until none is left, broken values set aside."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from ..crypto import batches, ledger
from ..crypto.access import Access
from ..crypto.batches import Row
from ..crypto.blind_index import blind_index, mask
from ..crypto.envelope import DECOY, VALUE, seal, unseal, version_of
from ..crypto.fields import Field
from ..crypto.keyring import BLIND_INDEX, ENCRYPTION, Key, Ring
from ..crypto.registry import Entry
from ..errors import KeyRingError, NotDecryptable

Tell = Callable[[str], None]
IDLE_PASSES = 100
IDLE_SECONDS = 0.05


@dataclass
class Done:
    """``rewritten`` values; ``redone``: changed by somebody meanwhile and done again; ``broken`` {row: why}."""

    field: str
    rewritten: int = 0
    redone: int = 0
    left: int = 0
    broken: dict[int, str] = dataclasses.field(default_factory=dict)


def active(ring: Ring, entries: tuple[Entry, ...], purpose: str) -> Key:
    """The key to write with; raises KeyRingError where none is active."""
    version = next((e.version for e in entries if e.purpose == purpose and e.status == "active"), None)
    key = ring.find(purpose, version) if version is not None else None
    if key is None:
        raise KeyRingError(f"no {purpose} key is active", fix="kingston keys promote")
    return key


def opened(ring: Ring, of: Field, row: int, envelope: str) -> tuple[str, bool]:
    """(the value, whether it is a decoy's); raises NotDecryptable, also for a version the ring has no key of."""
    version = version_of(envelope, of, row)
    key = ring.find(ENCRYPTION, version)
    if key is None:
        raise NotDecryptable(
            f"{of.label} of row {row} names encryption key {version}, which the ring does not hold"
        )
    return unseal(key.material, of, row, envelope)


def columns(
    of: Field, row: int, plain: str, key: Key, lookup: Key, decoy: bool = False
) -> dict[str, str | None]:
    """What stands in the database for a value."""
    kind = DECOY if decoy else VALUE
    made: dict[str, str | None] = {of.column: seal(key.material, key.version, of, row, plain, kind)}
    if of.mask and of.index:
        made[of.mask] = mask(plain)
        made[of.index] = blind_index(lookup.material, lookup.version, of, plain)
    return made


def rewrite(
    connection: psycopg.Connection[Any], of: Field, where: sql.Composable,
    make: Callable[[Row], dict[str, str | None]], what: str, size: int, tell: Tell,
) -> Done:  # fmt: skip
    """Rewrite every row that meets ``where``; a crash loses nothing, the same call goes on where it stopped.

    ``left``: rows that somebody held locked through all passes.
    """
    done = Done(of.label)
    idle = 0
    while idle < IDLE_PASSES:
        before, missed = done.rewritten, 0
        for rows in batches.read(connection, of, where, size):
            made = []
            for row in rows:
                if row.id not in done.broken:
                    try:
                        made.append((row, make(row)))
                    except NotDecryptable as error:
                        done.broken[row.id] = error.message
            written = batches.write(connection, of, made, what, what)
            done.rewritten += written
            missed += len(made) - written
            tell(f"{of.label}: {done.rewritten:,}")
        done.redone += missed
        done.left = missed
        if not missed and done.rewritten == before:
            break
        if missed and done.rewritten == before:
            idle += 1
            time.sleep(IDLE_SECONDS)
    return done


def announce(connection: psycopg.Connection[Any], of: Field, what: str, operation: str) -> None:
    """One line of the ledger before all values of a field are opened to be rewritten or checked; none is handed out."""
    said = Access(what, f"{what}: all values, none handed out", "")
    ledger.write(connection, said, of, [ledger.Line(0, None, ledger.GRANTED)], operation)


__all__ = ["BLIND_INDEX", "ENCRYPTION", "Done", "active", "announce", "columns", "opened", "rewrite"]
