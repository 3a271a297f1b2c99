"""Which revision a schema is at, told from its catalogue: everything of a revision must be there, unchanged.

What a production database has beside (tables, columns, indexes, functions of its own, other owners and grants,
storage settings) is listed and does not count against it; a missing or changed object does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import expected
from .canonical import same

# People tune these, and columns of a portal's own move the places of ours.
TUNED = frozenset(
    {
        "position",
        "comment",
        "statistics target",
        "options",
        "storage",
        "compression",
        "replica identity",
        "extended statistics",
    }
)


@dataclass(frozen=True)
class Match:
    """One revision beside what was found; ``blocking`` and ``harmless`` in words."""

    revision: str
    objects: int
    blocking: tuple[str, ...]
    harmless: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether everything of the revision is there."""
        return not self.blocking


def against(revision: str, found: Mapping[str, Mapping[str, Any]], server_version: int) -> Match:
    """``found``: objects of a portable fingerprint.  What belongs to a later revision blocks, too: it says more was done."""
    want = expected.expected(revision, server_version).objects
    blocking: list[str] = []
    harmless: list[str] = []
    gone = {name.removeprefix("table ") for name in want if name.startswith("table ") and name not in found}
    for name, attributes in want.items():
        if name not in found:
            if not _of_a_table(name) & gone:
                blocking.append(f"missing: {name}")
            continue
        for key in sorted(attributes.keys() | found[name].keys()):
            before, now = attributes.get(key), found[name].get(key)
            if not same(key, before, now):
                (harmless if key in TUNED else blocking).append(
                    f"changed: {name}: {key} is {_short(now)}, should be {_short(before)}"
                )
    later = _later(revision, server_version)
    new = {name.removeprefix("table ") for name in found if name.startswith("table ") and name not in want}
    for name in sorted(found, key=lambda name: not name.startswith("table ")):
        if name not in want and not _of_a_table(name) & new:
            (blocking if name in later else harmless).append(
                f"added: {name}" + (f", which belongs to {later[name]}" if name in later else "")
            )
    return Match(revision, len(want), tuple(blocking), tuple(harmless))


def detect(found: Mapping[str, Mapping[str, Any]], server_version: int) -> Match:
    """The highest revision that matches, else the nearest: the one with the fewest blocking differences."""
    matches = [against(revision, found, server_version) for revision in reversed(expected.revisions())]
    return min(matches, key=lambda match: len(match.blocking))


def _later(revision: str, server_version: int) -> dict[str, str]:
    """Object → the later revision that makes it; without those that ``revision`` has already."""
    order = expected.revisions()
    have = expected.expected(revision, server_version).objects
    made: dict[str, str] = {}
    for later in order[order.index(revision) + 1 :]:
        for name in expected.expected(later, server_version).objects:
            if name not in have:
                made.setdefault(name, later)
    return made


def _of_a_table(name: str) -> set[str]:
    """The tables an object may hang on: a missing table is said once, not with each of its columns."""
    kind, _, rest = name.partition(" ")
    if kind in ("column", "constraint"):
        return {rest.split(".", 1)[0]}
    if kind in ("trigger", "policy", "rule"):
        return {rest.rpartition(" on ")[2]}
    return set()


def _short(value: Any) -> str:
    text = "absent" if value is None else " ".join(str(value).split())
    return text if len(text) <= 120 else text[:117] + "..."
