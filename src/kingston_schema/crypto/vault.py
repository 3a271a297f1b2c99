"""The open vault of one portal: the only door between ciphertext and plain values."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

from .. import db
from ..errors import KeyRingError, NotDecryptable, SecretRefused
from . import keyring, ledger, master, registry
from .access import current
from .alarms import VOLUME, WINDOW_SECONDS, Sound, VolumeAlarm, log
from .blind_index import blind_index, mask
from .envelope import seal, unseal, version_of
from .fields import PHONE, Field
from .keyring import BLIND_INDEX, ENCRYPTION, Key, Ring
from .registry import Entry

# A column of that name which the portal had before us carries no comment of ours; its values are its application's.
THEIRS = (
    "SELECT 'product_owners.' || attname FROM pg_attribute WHERE attrelid = to_regclass('product_owners')"
    " AND attname IN ('security_words', 'notes') AND NOT attisdropped"
    " AND coalesce(col_description(attrelid, attnum), '') NOT LIKE 'Sensitive:%'"
)


class Vault:
    """Encrypts and decrypts sensitive fields; safe to share between threads.

    It has connections of its own: the ledger is written outside the application's transactions.
    """

    def __init__(
        self, url: str, schema: str | None, ring: Ring | None, *, sound: Sound = log, volume: int = VOLUME,
        window_seconds: float = WINDOW_SECONDS,
    ) -> None:  # fmt: skip
        self._engine = db.engine(url, schema, pooled=True)
        self._ring = ring
        self._sound = sound
        self._volume = VolumeAlarm(sound, volume, window_seconds)
        self._entries: tuple[Entry, ...] = ()
        self._lock = threading.Lock()
        self.theirs: frozenset[str] = frozenset()

    # --- keys ----------------------------------------------------------------------------------------

    def refresh(self) -> tuple[Entry, ...]:
        """Read the registry anew and compare it with the ring.  Raises KeyRingError where the ring falls short."""
        with self.connection() as connection:
            entries = registry.read(connection)
        if self._ring is None:
            if any(e.status in ("active", "decrypt_only") for e in entries):
                raise KeyRingError(
                    "the portal's fields are encrypted and no key is configured here",
                    fix=f"export {master.FILE}=/etc/kingston/master.key",
                )
        else:
            try:
                registry.compare(self._ring, entries)
            except KeyRingError:
                self._ring = keyring.load()  # a key was added since this process began
                registry.compare(self._ring, entries)
        with self._lock:
            self._entries = entries
        return entries

    def active(self, purpose: str) -> Key | None:
        """The key to write with, None while none is active.  As of the last refresh."""
        version = next(
            (e.version for e in self._entries if e.purpose == purpose and e.status == "active"), None
        )
        return self._key(purpose, version) if version is not None else None

    def _key(self, purpose: str, version: int) -> Key:
        entry = next((e for e in self._entries if (e.purpose, e.version) == (purpose, version)), None)
        if entry is None:
            self.refresh()
            entry = next((e for e in self._entries if (e.purpose, e.version) == (purpose, version)), None)
        if entry is None or entry.status == "retired":
            state = "is unknown to this portal" if entry is None else "was retired"
            raise KeyRingError(f"{purpose} key {version} {state}", fix="kingston keys status")
        key = self._ring.find(purpose, version) if self._ring else None
        if key is None or key.check != entry.check:
            raise KeyRingError(
                f"the key ring here has no {purpose} key {version}", fix="copy the current ring here"
            )
        return key

    # --- writing -------------------------------------------------------------------------------------

    def sealed(self, field: Field, row: int, plain: str, key: Key | None) -> dict[str, str | None]:
        """The columns to write for a value, by name.  ``key``: the active one, None while none is.

        Raises SecretRefused where the database takes ciphertext only and there is no key.
        """
        if key is None or field.label in self.theirs:
            if field.label not in self.theirs and self._must_encrypt():
                raise SecretRefused(
                    f"{field.label} must be encrypted and no key is active", fix="kingston keys init", obj=field.label
                )  # fmt: skip
            return {field.mask or field.column: plain}
        columns: dict[str, str | None] = {field.column: seal(key.material, key.version, field, row, plain)}
        if field.mask and field.index:
            columns[field.mask] = mask(plain)
            lookup = self.active(BLIND_INDEX)
            columns[field.index] = (
                blind_index(lookup.material, lookup.version, field, plain) if lookup else None
            )
        return columns

    def _must_encrypt(self) -> bool:
        with self.connection() as connection:
            row = connection.execute("SELECT feature_enabled('encryption_enabled')").fetchone()
        return bool(row and row[0])

    def indexes(self, number: str, field: Field = PHONE) -> list[str]:
        """The blind indexes of ``number`` under every key version in use: during a rotation there are several."""
        entries = [e for e in self.refresh() if e.purpose == BLIND_INDEX and e.status != "retired"]
        keys = [self._key(BLIND_INDEX, e.version) for e in entries]
        return [blind_index(k.material, k.version, field, number) for k in keys]

    # --- reading -------------------------------------------------------------------------------------

    def reveal(self, field: Field, items: Sequence[tuple[int, str]]) -> list[str]:
        """The plain values of (row id, what stands there).  The ledger knows of it before anything is returned.

        Raises SecretRefused without an access(), NotDecryptable when one of them is not what was written there.
        """
        said = current()
        values: list[str] = []
        lines: list[ledger.Line] = []
        trouble: Exception | None = None
        for row, stored in items:
            version = None
            try:
                if stored.startswith("enc:") and field.label not in self.theirs:
                    version = version_of(stored, field, row)
                    value, decoy = unseal(self._key(ENCRYPTION, version).material, field, row, stored)
                else:
                    value, decoy = stored, False
                values.append(value)
                lines.append(ledger.Line(row, version, ledger.DECOY if decoy else ledger.GRANTED))
            except (NotDecryptable, KeyRingError) as error:
                trouble = trouble or error
                failed = ledger.FAILED if isinstance(error, NotDecryptable) else ledger.REFUSED
                lines.append(ledger.Line(row, version, failed))
        with self.connection() as connection:
            ledger.write(connection, said, field, lines)
            self._volume.count(connection, said.actor, len(values))
        for line in lines:
            if line.outcome in (ledger.DECOY, ledger.FAILED):
                self._sound(
                    line.outcome, f"{said.actor} read {field.label} of row {line.row} ({said.purpose})"
                )
        if trouble:
            raise trouble
        return values

    # --- connections ---------------------------------------------------------------------------------

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """An autocommit connection of the vault's own."""
        held = self._engine.raw_connection()
        try:
            yield held.driver_connection  # type: ignore[misc]
        finally:
            held.close()

    def close(self) -> None:
        """Close its connections; keys are dropped with the object."""
        self._engine.dispose()

    def attach(self, sessions: Any) -> None:
        """Let sessions of a ``sessionmaker`` (or one Session) use this vault: the models' properties then work."""
        from .session import attach

        attach(self, sessions)


def open_vault(
    url: str, schema: str | None = None, *, sound: Sound = log, volume: int = VOLUME,
    window_seconds: float = WINDOW_SECONDS,
) -> Vault:  # fmt: skip
    """Open the vault of a portal with the configured keys.

    Raises KeyRingError for a wrong, missing or readable key, RefusedError below phase_2_field_encryption.
    """
    ring = keyring.load() if master.configured() else None
    vault = Vault(url, schema, ring, sound=sound, volume=volume, window_seconds=window_seconds)
    try:
        with vault.connection() as connection:
            registry.require(connection)
            vault.theirs = frozenset(row[0] for row in connection.execute(THEIRS))
        vault.refresh()
    except BaseException:
        vault.close()
        raise
    return vault
