"""Attributes that differ only because something else does, and are told with that."""

from __future__ import annotations

import re

from .canonical import same
from .names import Objects, owner_and_part, parent, split, view

# Attribute of the same object → what follows from it.
_WITHIN = {
    "definition": {"table", "not valid"},
    "kind": {"labels", "range", "fields"},
    "partition bound": {"inherits"},
    "not null": {"not null name", "not null comment"},
    "type": {"collation", "storage"},
}
_CAST = re.compile(r"\((\w+)\)::text\b")


def following(
    key: str, unlike: set[str], before: Objects, after: Objects, renamed: dict[str, str]
) -> set[str]:
    """Those of ``unlike``, attributes of ``key`` that differ, that need no line of their own."""
    follow = {f for attribute in unlike for f in _WITHIN.get(attribute, ())}
    above = parent(key, before)
    match split(key)[0]:
        case "sequence" if above is not None:
            follow |= _of_sequence(above, before, after, renamed)
        case "column" if above is not None and view(above) and _differs("definition", above, before, after):
            follow.add("type")
        case "constraint" if _only_casts(key, before, after):
            follow.add("definition")
        case "index":
            follow |= _of_index(key, above, before, after)
    return follow & unlike


def _of_sequence(column: str, before: Objects, after: Objects, renamed: dict[str, str]) -> set[str]:
    table = parent(column, before)
    follow = {"owned by"} if column in renamed else set()
    return follow | ({"owner"} if table and _differs("owner", table, before, after) else set())


def _of_index(key: str, above: str | None, before: Objects, after: Objects) -> set[str]:
    follow = set()
    constraint = above is not None and split(above)[0] == "constraint"
    if (constraint and _differs("definition", above, before, after)) or _only_casts(key, before, after):
        follow.add("definition")
    table = f"table {before[key]['table']}"
    # Told with the table; where it goes by another index now, with the one that it should go by.
    if after[key].get("replica identity") or _differs("replica identity", table, before, after):
        follow.add("replica identity")
    return follow


def _only_casts(key: str, before: Objects, after: Objects) -> bool:
    """Whether definitions differ in casts to text of columns whose type is told to differ, and in nothing else."""
    table, _ = owner_and_part(key, before)
    was, now = (str(side[key].get("definition")) for side in (before, after))
    for column in set(_CAST.findall(was + now)):
        if _differs("type", f"column {table}.{column}", before, after):
            was, now = (text.replace(f"({column})::text", column) for text in (was, now))
    return same("definition", was, now)


def _differs(attribute: str, key: str | None, before: Objects, after: Objects) -> bool:
    """Whether an object of both sides has another value of ``attribute``."""
    if key is None or key not in before or key not in after:
        return False
    return not same(attribute, before[key].get(attribute), after[key].get(attribute))
