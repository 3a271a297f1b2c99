"""P5 without a crash of the server: an operation fails in the middle; the same command completes, the other undoes.

Every operation of every revision above legacy fails once, on the way up and on the way down, in ``make test-long``;
the normal run takes three places of each way.
"""

from __future__ import annotations

import os

import pytest
from alembic.operations import Operations

from portals import Portal
from promises.stages import pairs, state

LONG = bool(os.environ.get("KINGSTON_LONG"))


def places(count: int) -> list[int]:
    """The operations that fail, one after the other."""
    return list(range(count)) if LONG or count <= 3 else sorted({0, count // 2, count - 1})


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


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("revision", "below"), pairs(), ids=[r for r, _ in pairs()])
def test_stopped_anywhere_it_can_be_completed_and_undone(stages, monkeypatch, revision, below, way):
    original = Operations.invoke
    start, end = (below, revision) if way == "up" else (revision, below)
    there, back = ("upgrade", "downgrade") if way == "up" else ("downgrade", "upgrade")
    want = {name: stages.state(name) for name in (start, end)}
    counting = Stop()

    def run(portal: Portal, command: str, target: str, stop: Stop) -> None:
        monkeypatch.setattr(Operations, "invoke", stop(original))
        try:
            portal.alembic(command, target)
        finally:
            monkeypatch.setattr(Operations, "invoke", original)

    with stages.at(start) as probe:
        run(probe, there, end, counting)
    for at in places(counting.count):
        with stages.at(start) as portal:
            with pytest.raises(Interrupted):
                run(portal, there, end, Stop(at))
            if LONG or at % 2:
                portal.alembic(there, end)
                assert state(portal) == want[end], f"completed after operation {at}"
            portal.alembic(back, start)
            assert state(portal) == want[start], f"undone after operation {at}"
