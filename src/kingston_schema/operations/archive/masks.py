"""What may be shown of a value: secrets as a marker, telephone numbers with their last three digits, the rest as it is.

The same rules as the functions ``mask_sensitive_text`` and ``mask_phone_number`` of Phase 2, which a portal below it
does not have.  They go by the name of the column (or the key inside a JSON document), whatever the table.
"""

from __future__ import annotations

import json
import re
from typing import Any

SECRETS = {"security_words", "security_word", "notes", "private_notes", "sensitive_data", "source_text",
           "phone_number_encrypted", "phone_number_index"}  # fmt: skip
NUMBERS = {"phone_number", "phone", "phone_1", "phone_2", "phone_3"}
_ENVELOPE = re.compile(
    r"enc:1:[1-9][0-9]{0,4}:([A-Za-z0-9+/]{4}){9,}([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})"
)
_ALL_BUT_THREE = re.compile(r"[0-9](?=(?:[^0-9]*[0-9]){3})")


def sensitive(column: str) -> bool:
    """Whether values of a column of that name are masked."""
    return column in SECRETS or column in NUMBERS


def shown(column: str, value: str | None) -> str | None:
    """The text of a value as it may be shown; NULL and the empty text stay what they are."""
    if not value:
        return value
    if column in NUMBERS:
        return _ALL_BUT_THREE.sub("X", value)
    if column in SECRETS:
        return "[encrypted]" if _ENVELOPE.fullmatch(value) else "[hidden]"
    if value[0] in "{[" and value[-1] in "}]":
        return _document(value)
    return value


def _document(text: str) -> str:
    """A JSON document with what its keys call sensitive masked; any other text as it is."""
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    masked = _inside(parsed, "")
    return text if masked == parsed else json.dumps(masked, ensure_ascii=False)


def _inside(value: Any, key: str) -> Any:
    """``value`` masked; ``key`` is the innermost sensitive name above it, if any."""
    if isinstance(value, dict):
        return {name: _inside(item, name if sensitive(name) else key) for name, item in value.items()}
    if isinstance(value, list):
        return [_inside(item, key) for item in value]
    return value if value is None or not key else shown(key, str(value))
