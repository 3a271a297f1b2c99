"""P5 without a crash of the server: an operation fails in the middle; the same command completes, the other undoes.

Every operation of every revision above legacy fails once, on the way up and on the way down, in ``make test-long``;
the normal run takes four places of each way.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from alembic.operations import Operations

from portals import Portal, revisions
from promises.test_mutation import copy, pairs, state
from promises.writes import fill

LONG = bool(os.environ.get("KINGSTON_LONG"))


def places(count: int) -> list[int]:
    """The operations that fail, one after the other."""
    return list(range(count)) if LONG or count <= 4 else sorted({0, count // 3, 2 * count // 3, count - 1})


class Interrupted(Exception):
    """Stands for whatever ends a run: a lost connection, a full disk, Ctrl-C."""


class Stop:
    """Fails at operation number ``at``; counts them otherwise."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.count = 0

    def __call__(self, original):
        def invoke(operations, operation):
            number, self.count = self.count, self.count + 1
            if number == self.at:
                raise Interrupted(f"at operation {number}")
            return original(operations, operation)

        return invoke


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


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("revision", "below"), pairs(), ids=[r for r, _ in pairs()])
def test_stopped_anywhere_it_can_be_completed_and_undone(
    newest_server, history, monkeypatch, revision, below, way
):
    original = Operations.invoke
    start, end = (below, revision) if way == "up" else (revision, below)
    there, back = ("upgrade", "downgrade") if way == "up" else ("downgrade", "upgrade")
    want = {name: state(history[name]) for name in (start, end)}
    counting = Stop()

    def run(portal: Portal, command: str, target: str, stop: Stop) -> None:
        monkeypatch.setattr(Operations, "invoke", stop(original))
        try:
            portal.alembic(command, target)
        finally:
            monkeypatch.setattr(Operations, "invoke", original)

    probe = copy(newest_server, history[start])
    run(probe, there, end, counting)
    newest_server.templates.drop(probe)
    for at in places(counting.count):
        portal = copy(newest_server, history[start])
        try:
            with pytest.raises(Interrupted):
                run(portal, there, end, Stop(at))
            if LONG or at % 2:
                portal.alembic(there, end)
                assert state(portal) == want[end], f"completed after operation {at}"
            portal.alembic(back, start)
            assert state(portal) == want[start], f"undone after operation {at}"
        finally:
            newest_server.templates.drop(portal)
