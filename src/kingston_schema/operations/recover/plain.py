"""Secrets in a recovery: ciphertext comes back as it was; of what was plain the history has a marker only."""

from __future__ import annotations

import re
from typing import Any

from ..audit.tracked import Tracked
from .replay import Row
from .scope import PHONES

_ENVELOPE = re.compile(r"enc:1:[1-9][0-9]{0,4}:")
_MASK = "XXXXXXXX000"  # of a number that is there as ciphertext only
_INDEX_LOST = "phone_number_index: the number is found by it again when it is saved"
_MASK_LOST = "phone_number: the mask was not kept; it shows again when the number is saved"


def is_cipher(value: Any) -> bool:
    """Whether ``value`` is the ciphertext of a field."""
    return isinstance(value, str) and _ENVELOPE.match(value) is not None


def secrets(table: Tracked, document: dict[str, Any], columns: tuple[str, ...]) -> str:
    """The columns among ``columns`` that hold a secret in plain, which the history would only mark."""
    if table.name == PHONES and is_cipher(document.get("phone_number_encrypted")):
        return ""  # phone_number is its mask, the index can be computed
    return ", ".join(
        column for column in columns
        if column in table.sensitive and document.get(column) and not is_cipher(document[column])
    )  # fmt: skip


def unknown(name: str, row: Row) -> tuple[dict[str, Any], list[str]] | None:
    """For a row to put back: what is written where the history has no value, and why; None: it cannot be put back."""
    assert row.then is not None
    instead: dict[str, Any] = {}
    lost: list[str] = []
    for column in row.unknown:
        if name == PHONES and column == "phone_number":
            if not is_cipher(row.then.get("phone_number_encrypted")):
                return None
            instead[column] = _MASK
            lost.append(_MASK_LOST)
        else:
            instead[column] = None
            plain = f"{column}: was not encrypted, the history holds no value of it"
            lost.append(_INDEX_LOST if (name, column) == (PHONES, "phone_number_index") else plain)
    return instead, lost


def number(
    name: str, row: Row, columns: dict[str, tuple[Any, Any]], lost: list[str]
) -> dict[str, Any]:
    """A telephone number, its mask and its index go together; the history has the ciphertext alone."""
    if name != PHONES or "phone_number_encrypted" not in columns:
        return {}
    assert row.now is not None
    if not is_cipher(columns["phone_number_encrypted"][1]):  # it was plain then
        for column in ("phone_number_encrypted", "phone_number_index"):
            columns.pop(column, None)
        return {}
    lost[:] = [text for text in lost if not text.startswith("phone_number")]
    lost += [_MASK_LOST, _INDEX_LOST]
    columns["phone_number"] = (row.now["phone_number"], _MASK)
    columns["phone_number_index"] = (row.now["phone_number_index"], None)
    return {"phone_number": _MASK, "phone_number_index": None}
