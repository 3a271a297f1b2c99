"""What else differs from the recorded revision: told here, put right by a person with the script of ``kingston drift``."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from . import relations, switches
from .patient import Ill, Patient

CODE = "drift"
# Told by a module of their own.
_ELSEWHERE = (*switches.ATTRIBUTES, *relations.ATTRIBUTES, "invalid", "not valid")


def find(patient: Patient, told: Collection[str]) -> Iterator[Ill]:
    """``told``: objects that have been told already.  What a revision that broke off left either way is not drift."""
    open_ = patient.interrupted.objects if patient.interrupted else frozenset()
    for difference in patient.differences:
        if difference.object in open_ or difference.object in told or difference.attribute in _ELSEWHERE:
            continue
        yield Ill(CODE, difference.object, difference.message, fix="kingston drift --sql")
