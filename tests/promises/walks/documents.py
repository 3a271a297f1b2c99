"""Ownership documents: what they say, whether head accepts them, and what links alone make of them.

Written from section 9 of the design, in Python, so that the model does not ask the functions it judges.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

NO_OWNER = {"association_type": "individual", "note": "no_previous_ownership"}
KINDS = ("individual", "tenants_in_common", "joint_ownership")
_LARGEST = 2**63 - 1


def parse(text: str | None) -> Any:
    """A JSON text with its numbers as they are; None for SQL NULL."""
    return None if text is None else json.loads(text, parse_float=Decimal, parse_int=Decimal)


def canonical(value: Any) -> Any:
    """Something that compares equal for equal JSON: 100 and 100.00 are, true and 1 are not."""
    if isinstance(value, dict):
        return "object", tuple(sorted((key, canonical(item)) for key, item in value.items()))
    if isinstance(value, list):
        return "array", tuple(canonical(item) for item in value)
    if isinstance(value, bool) or value is None:
        return str(value), ()
    return ("number", Decimal(value)) if isinstance(value, int | float | Decimal) else ("text", value)


def owners(document: Any) -> frozenset[int]:
    """The owners a document names; nobody when it is no document."""
    if not isinstance(document, dict) or document.get("association_type") not in KINDS:
        return frozenset()
    if document["association_type"] == "joint_ownership":
        named = document.get("joint_owners")
        found = [item for item in named if _whole(item)] if isinstance(named, list) else []
        return frozenset(int(item) for item in found)
    return frozenset(int(name) for name in document if _is_id(name))


def valid(document: Any) -> bool:
    """Whether every rule of head accepts it on a product ({} is for unmanaged products only)."""
    if not isinstance(document, dict) or document.get("association_type") not in KINDS:
        return False
    shares = {name: value for name, value in document.items() if re.fullmatch("[0-9]+", name)}
    if document["association_type"] == "joint_ownership":
        joint = document.get("joint_owners")
        return (
            not shares
            and isinstance(joint, list)
            and all(_whole(item) for item in joint)
            and len({int(item) for item in joint}) == len(joint) >= 2
        )
    if not all(_is_id(name) and _is_share(value) for name, value in shares.items()):
        return False
    if document["association_type"] == "individual":
        return len(shares) <= 1 and all(_whole_share(value) for value in shares.values())
    total = sum(shares.values(), Decimal(0))
    return bool(shares) and max(shares.values()) <= 100 and _whole_share(total)


def assumed(document: Any) -> bool:
    """Whether it says nothing that the links do not say: nobody decided anything in it."""
    if not isinstance(document, dict):
        return False
    if canonical(document) == canonical(NO_OWNER):
        return True
    shares = [value for name, value in document.items() if _is_id(name)]
    if not shares or not all(isinstance(value, Decimal) for value in shares) or sum(shares) != 100:
        return False
    if document.get("association_type") == "individual":
        return len(shares) == 1 and len(document) == 2
    return (
        document.get("association_type") == "tenants_in_common"
        and document.get("note") == "equal_split_assumed"
        and len(shares) > 1
        and len(document) == len(shares) + 2
        and max(shares) - min(shares) <= Decimal("0.01")
    )


def from_links(linked: Sequence[int]) -> dict[str, Any]:
    """What links to these owners, the earliest first, make: equal shares, the first getting the odd hundredths."""
    if not linked:
        return dict(NO_OWNER)
    if len(linked) == 1:
        return {"association_type": "individual", str(linked[0]): Decimal(100)}
    share, odd = divmod(10000, len(linked))
    shares = {str(owner): Decimal(share + (place < odd)) / 100 for place, owner in enumerate(linked)}
    return {"association_type": "tenants_in_common", "note": "equal_split_assumed", **shares}


def _is_id(name: str) -> bool:
    return re.fullmatch("[1-9][0-9]{0,18}", name) is not None and int(name) <= _LARGEST


def _whole(value: Any) -> bool:
    return isinstance(value, Decimal) and _is_id(str(value))


def _is_share(value: Any) -> bool:
    return isinstance(value, Decimal) and value == round(value, 2) and 0 <= value <= Decimal("100.01")


def _whole_share(total: Any) -> bool:
    return isinstance(total, Decimal) and Decimal("99.99") <= total <= Decimal("100.01")
