"""Ciphertext of one value: ``enc:1:<key version>:<base64 of nonce 12, ciphertext, tag 16>``, AES-256-GCM."""

from __future__ import annotations

import base64
import os
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..errors import NotDecryptable, SecretRefused
from .fields import Field

PATTERN = re.compile(
    r"enc:1:([1-9][0-9]{0,4}):((?:[A-Za-z0-9+/]{4}){9,}"
    r"(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4}))"
)
NONCE = 12
VALUE, DECOY = b"value", b"decoy"


def is_envelope(text: str) -> bool:
    """The same rule as the SQL function ``is_field_envelope``."""
    return PATTERN.fullmatch(text) is not None


def version_of(envelope: str, field: Field, row: int) -> int:
    """The key version an envelope names; raises NotDecryptable for a text that is none."""
    found = PATTERN.fullmatch(envelope)
    if found is None:
        raise _broken(field, row, "the text is no whole envelope")
    return int(found[1])


def seal(key: bytes, version: int, field: Field, row: int, plain: str, kind: bytes = VALUE) -> str:
    """``plain`` as an envelope that opens at this table, field and row only.  A new nonce each time.

    Raises SecretRefused for a text that cannot be UTF-8 (a lone surrogate).
    """
    try:
        content = plain.encode()
    except UnicodeEncodeError:
        content = None  # outside the handler: the original error carries the text
    if content is None:
        raise SecretRefused(
            f"{field.label} of row {row}: the text holds a lone surrogate, which is no character", obj=field.label
        )  # fmt: skip
    nonce = os.urandom(NONCE)
    sealed = AESGCM(key).encrypt(nonce, content, binding(field, row, version, kind))
    return f"enc:1:{version}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(key: bytes, field: Field, row: int, envelope: str) -> tuple[str, bool]:
    """(the value, whether it is a decoy's).

    Raises NotDecryptable for whatever was not written at this place under this key, whole and unchanged.
    """
    version = version_of(envelope, field, row)
    text = envelope.rpartition(":")[2]
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:  # stray bits behind the last byte
        raise _broken(field, row, "it was changed")
    for kind in (VALUE, DECOY):
        try:
            content = AESGCM(key).decrypt(raw[:NONCE], raw[NONCE:], binding(field, row, version, kind))
        except InvalidTag:
            continue
        return content.decode(), kind == DECOY
    raise _broken(
        field, row, f"it was changed, moved from another place, or its key is not version {version}"
    )


def binding(field: Field, row: int, version: int, kind: bytes) -> bytes:
    """What a ciphertext is bound to, each part with its length before it, so that no two places read the same."""
    parts = (
        b"kingston field 1",
        kind,
        field.table.encode(),
        field.name.encode(),
        b"%d" % row,
        b"%d" % version,
    )
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _broken(field: Field, row: int, why: str) -> NotDecryptable:
    return NotDecryptable(
        f"{field.label} of row {row} cannot be decrypted: {why}",
        fix="kingston encrypt verify lists every such value; kingston audit decrypts who met it",
        obj=f"{field.table}/{row}",
    )
