"""What all walks together did, and how each of them ends."""

from __future__ import annotations

import collections
from typing import Any

from kingston_schema.catalog import expected, fingerprint

from . import catalogue
from .walk import Walk


class Tally:
    """Sums over walks; ``all_climb``: each of them ends at head, not only some."""

    def __init__(self, *, all_climb: bool) -> None:
        self.all_climb = all_climb
        self.counts: collections.Counter[str] = collections.Counter()
        self.refused: collections.Counter[str] = collections.Counter()
        self.written: collections.Counter[str] = collections.Counter()

    def finish(self, walk: Walk, *, climb: bool) -> None:
        """The end of a walk, at head when it climbs: everything in its place, the schema what the revision should be."""
        self.counts["walks"] += 1
        if climb:
            walk.go(catalogue.HEAD)
            check_schema(walk)
            self.counts["walks to head"] += 1
        walk.settle()
        self.counts += walk.counts
        self.refused += walk.refused
        self.written += walk.written

    def line(self) -> str:
        """One line for people."""
        return ", ".join(f"{number:,} {name}" for name, number in self.counts.items())


def check_schema(walk: Walk) -> None:
    """The fingerprint is the one that ships for this revision."""
    connection: Any = walk.connection
    wanted = expected.expected(walk.model.revision, connection.info.server_version)
    differences = fingerprint.differences(wanted, fingerprint.read(connection, "public").portable())
    assert differences == [], f"{walk.model.revision}: {differences}"
