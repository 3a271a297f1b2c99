"""How numbers of things are said."""

from __future__ import annotations


def count(number: int, thing: str, things: str = "") -> str:
    """``1 row``, ``1,200 rows``; ``things`` where an s is not enough."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
