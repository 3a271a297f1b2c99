"""Triggers, rules and foreign keys that somebody switched off, as loading data by force does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...catalog.names import owner_and_part, split
from ...catalog.words import Difference
from .hands import Hands
from .patient import Ill, Patient

CODE = "switched_off"
ATTRIBUTES = ("enabled", "triggers off")


def find(patient: Patient) -> Iterator[Ill]:
    """What was written meanwhile was not checked: that is said, too."""
    for difference in patient.differences:
        if difference.attribute not in ATTRIBUTES or not difference.fix.endswith(";"):
            continue
        table = _table(patient, difference)
        yield Ill(
            CODE,
            difference.object,
            f"{difference.message}; rows written meanwhile passed it by",
            remedy="it is switched on; rows written meanwhile stay as they are",
            repair=partial(_switch, difference=difference, table=table),
        )


def _table(patient: Patient, difference: Difference) -> str:
    kind, name = split(difference.object)
    return name if kind.endswith("table") else owner_and_part(difference.object, patient.found)[0]


def _switch(hands: Hands, difference: Difference, table: str) -> str:
    hands.alter(difference.fix.rstrip(";"), table, "SHARE ROW EXCLUSIVE")
    return "switched on"
