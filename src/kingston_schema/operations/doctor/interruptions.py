"""A revision that broke off part-way: going on or going back is for a person to decide."""

from __future__ import annotations

from collections.abc import Iterator

from .patient import Ill, Patient


def find(patient: Patient) -> Iterator[Ill]:
    """At most one; both commands complete it whatever it left."""
    broken = patient.interrupted
    if broken is None:
        return
    up, down = f"kingston upgrade {broken.revision}", f"kingston rollback {patient.revision}"
    on, back = (up, down) if broken.direction == "up" else ("", f"kingston upgrade {patient.revision}")
    unlike = sum(difference.object in broken.objects for difference in patient.differences)
    parts = f": {unlike} of its objects stand either way" if unlike else ""
    goes_on = on or "the rollback again"
    yield Ill(
        "interrupted",
        broken.revision,
        f"{broken.revision} broke off on its way {broken.direction}, recorded is {patient.revision}{parts}",
        fix=f"{goes_on} goes on; {back} puts the portal back to {patient.revision}",
    )
