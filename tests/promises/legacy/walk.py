"""One walk from ``legacy`` to head and back, looking at everything the application relies on at each revision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from portals import Portal, revisions
from promises.writes import fill

from . import prepared, requests, role, run, state, statements

# What production holds and nobody is to repair: names that are missing or blank, references to nobody.
ODDITIES = """
INSERT INTO client_groups (name, advisor, advisor_id, type) VALUES (NULL, '', 2147483000, NULL);
INSERT INTO product_owners (firstname, surname, known_as, status) VALUES ('Ann ', NULL, '', NULL);
INSERT INTO client_group_product_owners (client_group_id, product_owner_id) VALUES (NULL, 1), (1, NULL), (1, 1), (1, 1);
INSERT INTO product_owner_products (product_id, product_owner_id) VALUES (NULL, 1), (1, NULL), (1, 1), (1, 1)"""


@dataclass(repr=False)
class Stop:
    """What was found at one revision.  ``way``: up, down, or ``filled`` (at head, with rows in every new table)."""

    revision: str
    way: str
    tables: dict[str, state.Table]
    views: dict[str, tuple[Any, ...]]
    catalogue: dict[str, list[tuple[Any, ...]]]
    sequences: dict[str, int | None]
    outcomes: dict[str, run.Outcome] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.revision} ({self.way})"


@dataclass(repr=False)
class Walk:
    """All stops; the first is ``legacy`` before anything was done.

    Afterwards the portal stands at head again, with Phase 2 rows in every table, and ``application`` is a session
    of the role that owns the Phase 1 objects.  ``said_on_the_way`` is what the database said to requests that went
    on all the time while it was taken up that second time: nothing, if all is well.
    """

    stops: list[Stop]
    statements: list[statements.Statement]
    portal: Portal
    roles: role.Roles
    application: psycopg.Connection[Any]
    known: dict[str, Any]
    said_on_the_way: list[str]

    @property
    def before(self) -> Stop:
        """The Phase 1 database as it was."""
        return self.stops[0]

    @property
    def after(self) -> list[Stop]:
        """Every stop since."""
        return self.stops[1:]

    @property
    def head(self) -> Stop:
        """The stop at head where every new table has rows."""
        return next(stop for stop in self.stops if stop.way == "filled")

    def added(self, stop: Stop) -> list[tuple[Any, ...]]:
        """Columns of Phase 1 tables that were not there before, as ``catalogue["columns"]`` has them."""
        return [row for row in stop.catalogue["columns"] if row not in self.before.catalogue["columns"]]


@contextmanager
def walked(portal: Portal) -> Iterator[Walk]:
    """Take ``portal`` (at legacy, with the sample data) up, down and up again, with plain Alembic."""
    roles = role.Roles(portal)
    roles.hand_over()
    migrating = roles.migrating()
    try:
        portal.run(ODDITIES)
        known = statements.known(portal.connection)
        application = run.Application(portal.connect(user=roles.application), known)
        look = _Look(application, prepared.Plans(portal.connect(user=roles.application)))
        stops = [look("legacy", "up")]
        order = revisions()
        for revision in order[1:]:
            migrating.alembic("upgrade", revision)
            stops.append(look(revision, "up"))
        fill(migrating)
        stops.append(look(order[-1], "filled"))
        for revision in order[-2::-1]:
            migrating.alembic("downgrade", revision)
            stops.append(look(revision, "down"))
        with requests.going_on(portal.connect(user=roles.application), known) as said:
            migrating.alembic("upgrade", "head")
        yield Walk(stops, look.statements, portal, roles, application.connection, known, said)
    finally:
        migrating.close()
        portal.close()
        roles.remove()
        portal.close()


class _Look:
    """Looks through the eyes of the application's role."""

    def __init__(self, application: run.Application, plans: prepared.Plans) -> None:
        self.application, self.plans = application, plans
        self.statements = statements.load()
        self.connection: psycopg.Connection[Any] = application.connection
        found = state.catalogue(self.connection)
        self.views = [row[0] for row in found["views"]]
        self.columns: dict[str, list[str]] = {}
        for table, _, column, *_ in found["columns"]:
            self.columns.setdefault(table, []).append(column)

    def __call__(self, revision: str, way: str) -> Stop:
        stop = Stop(
            revision, way, state.tables(self.connection, self.columns), state.views(self.connection, self.views),
            state.catalogue(self.connection), self.application.last_values(),
        )  # fmt: skip
        stop.plans = self.plans.execute()
        # Reads alone are tried again at head and at the bottom: rows in new tables cannot be seen by them.
        tried = [found for found in self.statements if way != "down" or found.writes or revision == "legacy"]
        stop.outcomes = {found.name: self.application.run(found) for found in tried}
        return stop
