"""Mutation check: each operation of each downgrade is needed; leaving it out is noticed.

Noticed means: the downgrade fails, or the schema differs from what was there before, or the way up again fails,
or gives another schema, or other rows.  ``make mutation`` prints the rate.
"""

from __future__ import annotations

import pytest
from alembic.operations import Operations

from promises.stages import pairs, state

# Takes locks in one order before others do; without it the result is the same, only the waiting differs.
HARMLESS = {"lock_tables"}
PARTS = ("portal", "control", "rows", "journal")


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


@pytest.mark.parametrize(("revision", "below"), pairs(), ids=[r for r, _ in pairs()])
def test_every_operation_of_the_downgrade_is_needed(stages, monkeypatch, revision, below, record_property):
    original = Operations.invoke
    right, right_below = stages.state(revision), stages.state(below)
    counting = Mutant()
    survivors = []

    def attempt(mutant: Mutant) -> str:
        with stages.at(revision) as portal:
            monkeypatch.setattr(Operations, "invoke", mutant(original))
            try:
                portal.alembic("downgrade", below)
            except Exception:
                return "the downgrade failed"
            finally:
                monkeypatch.setattr(Operations, "invoke", original)
            found = state(portal)
            for part in PARTS:
                if found[part] != right_below[part]:
                    return f"the {part} below differs"
            try:
                portal.alembic("upgrade", revision)
            except Exception:
                return "the way up failed"
            again = state(portal)
            differs = [part for part in PARTS if again[part] != right[part]]
            return f"the {differs[0]} above differs" if differs else way_to_legacy(mutant)

    def way_to_legacy(mutant: Mutant) -> str:
        """What the mutant leaves may stand in the way of a lower revision only."""
        with stages.at(revision) as portal:
            try:
                monkeypatch.setattr(Operations, "invoke", Mutant(mutant.skipped)(original))
                portal.alembic("downgrade", below)
                monkeypatch.setattr(Operations, "invoke", original)
                portal.alembic("downgrade", "legacy")
            except Exception:
                return "a lower revision failed"
            finally:
                monkeypatch.setattr(Operations, "invoke", original)
        return ""

    assert attempt(counting) == "", "the downgrade as it stands"
    for number, name in enumerate(counting.names):
        if name.split("(")[0] not in HARMLESS and not attempt(Mutant(number)):
            survivors.append(name)
    record_property("mutants", len(counting.names))
    record_property("survivors", len(survivors))
    assert survivors == []
