"""The key ring: data keys per purpose and version, wrapped by the master key, in a file outside the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import KeyRingError
from . import master

ENCRYPTION, BLIND_INDEX = "encryption", "blind_index"
PURPOSES = (ENCRYPTION, BLIND_INDEX)
NAMES = {ENCRYPTION: "fields", BLIND_INDEX: "lookup"}
ALGORITHMS = {ENCRYPTION: "aes-256-gcm", BLIND_INDEX: "hmac-sha-256"}
BYTES = 32
NONCE = 12


@dataclass(frozen=True)
class Key:
    """One data key.  Its material is in no ``repr``."""

    purpose: str
    version: int
    material: bytes = field(repr=False)

    @property
    def check(self) -> str:
        """Tells this key from any other, and nothing of it: 64 bits of a digest keyed by it."""
        message = f"kingston key check 1|{self.purpose}|{self.version}".encode()
        return hmac.new(self.material, message, hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True)
class Ring:
    """All data keys of a portal."""

    keys: tuple[Key, ...]

    def find(self, purpose: str, version: int) -> Key | None:
        """The key, None where this ring has none of that version."""
        return next((k for k in self.keys if (k.purpose, k.version) == (purpose, version)), None)

    def with_new(self, purpose: str, version: int) -> Ring:
        """This ring and one more key, fresh from the system's random source."""
        return Ring((*self.keys, Key(purpose, version, os.urandom(BYTES))))


def load(path: Path | None = None) -> Ring:
    """Read and unwrap the ring.

    Raises KeyRingError: master key or ring missing, readable by others, damaged, or of another master key.
    """
    secret = master.read_master()
    place = path or master.ring_path()
    text = master.read_private(place, "key ring")
    try:
        held = json.loads(text)["keys"]
        entries = [(str(e["purpose"]), int(e["version"]), base64.b64decode(e["wrapped"])) for e in held]
    except (ValueError, KeyError, TypeError):
        entries = None
    if entries is None:
        raise KeyRingError(f"the key ring {place} is damaged", fix="restore it from its backup")
    return Ring(tuple(_unwrapped(secret, place, *entry) for entry in entries))


def save(ring: Ring, secret: bytes, path: Path | None = None, *, fresh: bool = False) -> None:
    """Write the ring, every key wrapped; ``fresh``: never over an existing one."""
    keys = [
        {"purpose": k.purpose, "version": k.version, "algorithm": ALGORITHMS[k.purpose], "wrapped": _wrapped(secret, k)}
        for k in ring.keys
    ]  # fmt: skip
    text = json.dumps({"format": 1, "keys": keys}, indent=1) + "\n"
    master.write_private(path or master.ring_path(), text, "key ring", fresh=fresh)


def _label(purpose: str, version: int) -> bytes:
    return f"kingston key 1|{purpose}|{version}|{ALGORITHMS.get(purpose, '')}".encode()


def _wrapped(secret: bytes, key: Key) -> str:
    nonce = os.urandom(NONCE)
    sealed = AESGCM(secret).encrypt(nonce, key.material, _label(key.purpose, key.version))
    return base64.b64encode(nonce + sealed).decode()


def _unwrapped(secret: bytes, place: Path, purpose: str, version: int, wrapped: bytes) -> Key:
    try:
        material = AESGCM(secret).decrypt(wrapped[:NONCE], wrapped[NONCE:], _label(purpose, version))
    except (InvalidTag, ValueError):
        raise KeyRingError(
            f"the master key does not open {purpose} key {version} of the ring {place}: wrong key, or a damaged ring",
            fix="name the master key that the ring was made with, or restore the ring",
        ) from None
    return Key(purpose, version, material)
