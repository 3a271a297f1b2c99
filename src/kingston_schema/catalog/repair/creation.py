"""Missing objects made, objects too many dropped."""

from __future__ import annotations

from ..names import KINDS, Objects, owner_and_part, parent, quote, split, sql_kind, sql_name, view
from .columns import definition as column
from .constraints import head
from .indexes import concurrently


def creation(key: str, objects: Objects) -> str:
    """SQL that makes the object; "" for a kind that takes more than its definition."""
    held = objects[key]
    match split(key)[0]:
        case "index":
            return f"{concurrently(held['definition'])};"
        case "trigger" | "statistics" | "rule":
            return f"{held['definition'].rstrip(';')};"
        case "constraint" | "domain constraint":
            return _constraint(key, objects)
        case "column" if "generated" not in held and not of_view(key, objects):
            return f"ALTER TABLE {quote(owner_and_part(key, objects)[0])} ADD COLUMN {column(key, objects)};"
    return ""


def _constraint(key: str, objects: Objects) -> str:
    """Checks and foreign keys in two steps: the second, long one blocks nobody."""
    begin, name = head(key, objects), quote(owner_and_part(key, objects)[1])
    definition = objects[key]["definition"]
    added = f"{begin} ADD CONSTRAINT {name} {definition}"
    if definition.startswith(("CHECK", "FOREIGN KEY")):
        return f"{added} NOT VALID; {begin} VALIDATE CONSTRAINT {name};"
    return f"{added};"


def of_view(key: str, objects: Objects) -> bool:
    """Whether the column is a view's: nothing makes or drops it but the view's definition."""
    return view(parent(key, objects) or "")


def removal(key: str, objects: Objects) -> str:
    """SQL that drops the object; what depends on it makes it fail."""
    kind, name = split(key)
    match kind:
        case "column" if of_view(key, objects):
            return f"another definition of view {owner_and_part(key, objects)[0]}"
        case "column":
            table, part = map(quote, owner_and_part(key, objects))
            return f"ALTER TABLE {table} DROP COLUMN {part};"
        case "constraint" | "domain constraint":
            return f"{head(key, objects)} DROP CONSTRAINT {quote(owner_and_part(key, objects)[1])};"
        case "trigger" | "policy" | "rule":
            table, part = map(quote, owner_and_part(key, objects))
            return f"DROP {kind.upper()} {part} ON {table};"
        case "index":
            return f"DROP INDEX CONCURRENTLY {sql_name(key)};"
    # What has no kind of its own here (an operator) is named as PostgreSQL names it.
    return f"DROP {sql_kind(kind)} {sql_name(key) if kind in KINDS else name};"


def renaming(now: str, was: str, before: Objects) -> str:
    """SQL that gives a column or constraint its name back."""
    table, old = map(quote, owner_and_part(was, before))
    _, new = map(quote, owner_and_part(now, {**before, now: before[was]}))
    kind = "VIEW" if of_view(was, before) else "TABLE"
    return f"ALTER {kind} {table} RENAME {split(was)[0].upper()} {new} TO {old};"
