"""Mutation check: each operation of each downgrade is needed; leaving it out is noticed.

Noticed means: the downgrade fails, or the schema differs from what was there before, or the way up again fails,
or gives another schema, or other rows.  ``make mutation`` prints the rate.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.operations import Operations
from portals import Portal, revisions

from kingston_schema.catalog import fingerprint
from promises.writes import contents, fill

# Takes locks in one order before others do; without it the result is the same, only the waiting differs.
HARMLESS = {"lock_tables"}


class Mutant:
    """Leaves out the operation number ``skipped`` of a run; counts all of them."""

    def __init__(self, skipped: int | None = None) -> None:
        self.skipped = skipped
        self.names: list[str] = []

    def __call__(self, original):
        def invoke(operations, operation):
            number = len(self.names)
            self.names.append(describe(operation))
            return None if number == self.skipped else original(operations, operation)

        return invoke


def describe(operation) -> str:
    arguments = [a for a in getattr(operation, "args", ()) if isinstance(a, str)]
    return f"{type(operation).__name__}({', '.join(arguments)})"


def state(portal: Portal) -> dict[str, object]:
    """Schema of the portal and of its control schema, and every row people wrote."""
    return {
        "portal": fingerprint.read(portal.connection, "public").objects,
        "control": fingerprint.read(portal.connection, "kingston").objects,
        "rows": contents(portal),
    }


@pytest.fixture(scope="module")
def history(newest_server) -> Iterator[dict[str, Portal]]:
    """For each revision a database that came down to it from a filled head."""
    made: dict[str, Portal] = {}
    portal = newest_server.templates.clone("head", True)
    fill(portal)
    for revision in reversed(revisions()):
        if revision != revisions()[-1]:
            portal.alembic("downgrade", revision)
        made[revision] = copy(newest_server, portal)
    newest_server.templates.drop(portal)
    yield made
    for each in made.values():
        newest_server.templates.drop(each)


def copy(server, portal: Portal) -> Portal:
    portal.close()
    portal._open.clear()
    name = portal.url.split("/")[-1].split("?")[0]
    return Portal(server.url(server.templates._create(name, "mutant")))


def pairs() -> list[tuple[str, str]]:
    order = revisions()
    return [(order[i], order[i - 1]) for i in range(2, len(order))]


@pytest.mark.parametrize(("revision", "below"), pairs(), ids=[r for r, _ in pairs()])
def test_every_operation_of_the_downgrade_is_needed(
    newest_server, history, monkeypatch, revision, below, record_property
):
    original = Operations.invoke
    right, right_below = state(history[revision]), state(history[below])
    counting = Mutant()
    survivors = []

    def attempt(mutant: Mutant) -> str:
        portal = copy(newest_server, history[revision])
        try:
            monkeypatch.setattr(Operations, "invoke", mutant(original))
            try:
                portal.alembic("downgrade", below)
            except Exception:
                return "the downgrade failed"
            finally:
                monkeypatch.setattr(Operations, "invoke", original)
            found = state(portal)
            for part in ("portal", "control", "rows"):
                if found[part] != right_below[part]:
                    return f"the {part} below differs"
            try:
                portal.alembic("upgrade", revision)
            except Exception:
                return "the way up failed"
            again = state(portal)
            return next(
                (f"the {p} above differs" for p in ("portal", "control", "rows") if again[p] != right[p]), ""
            )
        finally:
            newest_server.templates.drop(portal)

    assert attempt(counting) == "", "the downgrade as it stands"
    for number, name in enumerate(counting.names):
        if name.split("(")[0] not in HARMLESS and not attempt(Mutant(number)):
            survivors.append(name)
    record_property("mutants", len(counting.names))
    record_property("survivors", len(survivors))
    assert survivors == []
