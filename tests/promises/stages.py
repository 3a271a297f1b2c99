"""A database at every revision, full of rows that came down from the top: where walks, mutations and crashes begin."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from kingston_schema.catalog import fingerprint
from portals import Portal, revisions
from promises.writes import contents, fill


class Stages:
    """``stages[revision]``: a database to look at or to copy, never to change."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self._portals: dict[str, Portal] = {}
        self._states: dict[str, dict[str, object]] = {}
        portal = server.templates.clone("head", True)
        fill(portal)
        for revision in reversed(revisions()):
            if revision != revisions()[-1]:
                portal.alembic("downgrade", revision)
            self._portals[revision] = copy(server, portal)
        server.templates.drop(portal)

    def __getitem__(self, revision: str) -> Portal:
        return self._portals[revision]

    def state(self, revision: str) -> dict[str, object]:
        """What an undisturbed run leaves at ``revision``."""
        if revision not in self._states:
            self._states[revision] = state(self[revision])
            self[revision].close()
            self[revision]._open.clear()
        return self._states[revision]

    @contextlib.contextmanager
    def at(self, revision: str) -> Iterator[Portal]:
        """A copy of one's own, gone at the end."""
        portal = copy(self.server, self[revision])
        try:
            yield portal
        finally:
            self.server.templates.drop(portal)

    def close(self) -> None:
        """Remove them all."""
        for portal in self._portals.values():
            self.server.templates.drop(portal)


def state(portal: Portal) -> dict[str, object]:
    """Schema of the portal and of its control schema, and every row people wrote."""
    return {
        "portal": fingerprint.read(portal.connection, "public").objects,
        "control": fingerprint.read(portal.connection, "kingston").objects,
        "rows": contents(portal),
        "journal": portal.all("SELECT index_name FROM kingston.index_journal ORDER BY 1"),
    }


def copy(server: Any, portal: Portal) -> Portal:
    """A database of its own with everything that is in ``portal``."""
    portal.close()
    portal._open.clear()
    name = sa.make_url(portal.url).database
    return Portal(server.url(server.templates._create(name, "copy")))


def pairs() -> list[tuple[str, str]]:
    """(revision, the one below) for every revision that is made of steps which the journal can hold."""
    order = revisions()
    return [(order[i], order[i - 1]) for i in range(2, len(order))]
