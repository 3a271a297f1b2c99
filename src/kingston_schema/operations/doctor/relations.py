"""Tables that a crash would empty, and materialized views that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...catalog.names import quote, split
from .hands import Hands
from .patient import Ill, Patient

UNLOGGED, UNPOPULATED = "unlogged", "unpopulated"
ATTRIBUTES = ("persistence", "populated")


def find(patient: Patient) -> Iterator[Ill]:
    """Making a table logged writes it anew under a lock that keeps everybody out: a person chooses the moment."""
    for difference in patient.differences:
        # A sequence follows its table.
        if difference.attribute == "persistence" and split(difference.object)[0] != "sequence":
            yield Ill(
                UNLOGGED,
                difference.object,
                difference.message,
                fix=f"{difference.fix} it writes the table anew and keeps everybody out meanwhile",
            )
    for key, held in patient.found.items():
        if split(key)[0] == "materialized view" and held.get("populated") is False:
            name = split(key)[1]
            yield Ill(
                UNPOPULATED,
                key,
                f"{key} is not populated: reading it fails",
                remedy="it is refreshed",
                repair=partial(_refresh, name=name),
            )


def _refresh(hands: Hands, name: str) -> str:
    hands.alter(f"REFRESH MATERIALIZED VIEW {quote(name)}", name, "ACCESS EXCLUSIVE")
    return "refreshed"
