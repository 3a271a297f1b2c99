"""Attributes of a row security policy put right."""

from __future__ import annotations

from typing import Any

from ..names import Objects, owner_and_part, quote

_CLAUSES = {"using": "USING", "check": "WITH CHECK"}


def statement(key: str, attribute: str, was: Any, should: Objects) -> str:
    """SQL that makes a condition or the roles of the policy what they were; "" for a condition to take out."""
    table, name = map(quote, owner_and_part(key, should))
    head = f"ALTER POLICY {name} ON {table}"
    if attribute == "roles":
        return f"{head} TO {', '.join(role if role == 'PUBLIC' else quote(role) for role in was)};"
    return f"{head} {_CLAUSES[attribute]} ({was});" if was else ""
