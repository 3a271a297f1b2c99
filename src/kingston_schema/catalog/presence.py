"""Objects that one of two fingerprints lacks: what went with what, and what only has another name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .changes import short_type
from .names import Objects, counted, parent, said, split, view


def absent(these: Objects, those: Objects, renamed: set[str]) -> Iterator[tuple[str, str]]:
    """(object, what went with it) of all that only ``these`` has; what went with another object is not told again."""
    gone = {key for key in these if key not in those} - renamed
    with_it: dict[str, Counter[str]] = {}
    for key in gone:
        top = _top(key, these, gone)
        if top != key:
            with_it.setdefault(top, Counter())[split(key)[0]] += 1
    for key in sorted(gone):
        if _top(key, these, gone) == key and not _told_as_change(key, these, those, renamed):
            yield key, _with_it(with_it.get(key, Counter()))


def renamed(before: Objects, after: Objects) -> dict[str, str]:
    """{old: new} of columns and constraints that differ in nothing but their name."""
    new = [key for key in after if key not in before and split(key)[0] in ("column", "constraint")]
    found: dict[str, str] = {}
    for old in (key for key in before if key not in after):
        for key in new:
            alike = split(key)[0] == split(old)[0] and after[key] == before[old]
            if alike and parent(key, after) == parent(old, before) and key not in found.values():
                found[old] = key
                break
    return found


def described(key: str, objects: Objects) -> str:
    """The object; a column with its type."""
    if split(key)[0] == "column":
        return f"{said(key, objects)} ({short_type(str(objects[key].get('type')))})"
    return said(key, objects)


def _top(key: str, objects: Objects, gone: set[str]) -> str:
    """The object that took ``key`` along; ``key`` itself when it is gone alone."""
    above = parent(key, objects)
    return _top(above, objects, gone) if above in gone else key


def _told_as_change(key: str, these: Objects, those: Objects, renamed: set[str]) -> bool:
    """Whether ``key`` went with a change that is told: a view's columns, an identity's sequence, a constraint's index."""
    above = parent(key, these)
    if above in renamed:
        return split(key)[0] == "index"
    if above is None or above not in those:
        return False
    if split(key)[0] == "sequence":
        return these[above].get("identity") != those[above].get("identity")
    definitions = (side[above].get("definition") for side in (these, those))
    return split(key)[0] == "column" and view(above) and len(set(definitions)) == 2


def _with_it(counts: Counter[str]) -> str:
    if not counts:
        return ""
    parts = [counted(number, kind) for kind, number in sorted(counts.items())]
    return f" ({', '.join(parts)} {'goes' if sum(counts.values()) == 1 else 'go'} with it)"
