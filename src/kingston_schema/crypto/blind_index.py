"""Equality search over ciphertext: a keyed digest of the normalised number, ``bidx:1:<key version>:<hex>``.

Equal numbers have equal indexes: who reads the table sees which people share a number, not the number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

from .fields import Field

BYTES = 16
_ALL_BUT_THREE = re.compile(r"[0-9](?=(?:[^0-9]*[0-9]){3})")


def normalise(number: str) -> str:
    """Digits alone; ``+44``, ``0044`` and a bracketed 0 behind them as 0, so that all writings of a number are one.

    Version 1 of the rule, named in every index: another rule means another index.
    """
    text = unicodedata.normalize("NFKC", number)
    digits = re.sub(r"[^0-9+]", "", re.sub(r"\(\s*0\s*\)", "", text))
    return re.sub(r"^(?:\+|00)", "+", digits).replace("+44", "0", 1).replace("+", "")


def blind_index(key: bytes, version: int, field: Field, number: str) -> str:
    """The index of ``number`` under a key."""
    parts = (
        b"kingston index 1",
        field.table.encode(),
        field.name.encode(),
        normalise(number).encode(errors="surrogatepass"),
    )
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"bidx:1:{version}:{hmac.new(key, message, hashlib.sha256).digest()[:BYTES].hex()}"


def mask(number: str) -> str:
    """Every digit but the last three as X: the same rule as the SQL function ``mask_phone_number``."""
    return _ALL_BUT_THREE.sub("X", number)
