"""Attributes of a constraint put right."""

from __future__ import annotations

from ..names import Objects, owner_and_part, quote


def head(key: str, objects: Objects) -> str:
    """``ALTER TABLE t`` or ``ALTER DOMAIN d``."""
    return (
        f"ALTER {'DOMAIN' if key.startswith('domain') else 'TABLE'} {quote(owner_and_part(key, objects)[0])}"
    )


def statement(key: str, attribute: str, should: Objects, found: Objects) -> str:
    """SQL that makes ``attribute`` of the constraint what it was."""
    begin, name = head(key, should), quote(owner_and_part(key, should)[1])
    now = found[key].get(attribute)
    match attribute:
        case "not valid" if now:
            return f"{begin} VALIDATE CONSTRAINT {name};"
        case "definition" | "not enforced":
            return (
                f"{begin} DROP CONSTRAINT {name}; {begin} ADD CONSTRAINT {name} {should[key]['definition']};"
            )
    return ""
