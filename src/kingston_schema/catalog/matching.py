"""Which revision a schema is at, told from its catalogue: everything of a revision must be there, unchanged.

What a production database has beside (tables, columns, indexes, functions of its own, other owners and grants,
storage settings) is listed and does not count against it; a missing or changed object does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..settings import Schemas
from . import expected
from .canonical import same
from .fingerprint import Fingerprint
from .names import Objects
from .words import Difference, explain

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
    """One revision beside what was found: differences that count, and the portal's own, which do no harm."""

    revision: str
    objects: int
    blocking: tuple[Difference, ...]
    harmless: tuple[Difference, ...]

    @property
    def exact(self) -> bool:
        """Whether everything of the revision is there."""
        return not self.blocking


def against(revision: str, found: Fingerprint, server_version: int, names: Schemas) -> Match:
    """``found``: a whole fingerprint.  What belongs to a later revision blocks, too: it says more was done."""
    should = expected.expected(revision, server_version)
    later = _later(revision, server_version)
    blocking: list[Difference] = []
    harmless: list[Difference] = []
    origin = partial(expected.origin, revision=revision)
    told = explain(should, found.portable(), origin, live=found)
    for difference in sorted((d.of(names) for d in told), key=lambda d: not d.object.startswith("table ")):
        if difference.code == "added" and difference.object in later:
            said = f"{difference.message}; it belongs to {later[difference.object]}"
            blocking.append(replace(difference, message=said))
        elif difference.code == "added" or difference.attribute in TUNED:
            harmless.append(difference)
        else:
            blocking.append(difference)
    return Match(revision, len(should.objects), tuple(blocking), tuple(harmless))


def detect(found: Fingerprint, server_version: int, names: Schemas) -> Match:
    """The highest revision that matches, else the nearest: the one with the fewest objects that count against it."""
    here = found.portable().objects

    def apart(revision: str) -> int:
        should = expected.expected(revision, server_version).objects
        unlike = sum(name not in here or _differs(should[name], here[name]) for name in should)
        return unlike + len(_later(revision, server_version).keys() & here.keys())

    nearest = min(reversed(expected.revisions()), key=apart)
    return against(nearest, found, server_version, names)


def _differs(should: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    keys = (should.keys() | found.keys()) - TUNED
    return any(not same(key, should.get(key), found.get(key)) for key in keys)


def _later(revision: str, server_version: int) -> dict[str, str]:
    """Object → the later revision that makes it; without those that ``revision`` has already."""
    have: Objects = expected.expected(revision, server_version).objects
    order = expected.revisions()
    after = set(order[order.index(revision) + 1 :])
    return {name: maker for name, maker in expected.made_by().items() if maker in after and name not in have}
