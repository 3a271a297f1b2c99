"""Attributes of a domain put right."""

from __future__ import annotations

from typing import Any

from ..names import sql_name


def statement(key: str, attribute: str, was: Any) -> str:
    """SQL that makes ``default`` or ``not null`` of the domain what it was."""
    head = f"ALTER DOMAIN {sql_name(key)}"
    if attribute == "default":
        return f"{head} DROP DEFAULT;" if was is None else f"{head} SET DEFAULT {was};"
    return f"{head} {'SET' if was else 'DROP'} NOT NULL;"
