"""A revision that broke off part-way: going on or going back is for a person to decide."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog import history
from ...wording import count
from .patient import Ill, Patient


def find(patient: Patient) -> Iterator[Ill]:
    """At most one; both commands complete it whatever it left."""
    broken = patient.interrupted
    if broken is None:
        return
    if broken.direction == "up":
        on, back = f"upgrade {broken.revision}", f"rollback {patient.revision}"
    else:
        below = ("base", *history.names())[history.position(broken.revision) - 1]
        on, back = f"rollback {below}", f"upgrade {patient.revision}"
    unlike = sum(difference.object in broken.objects for difference in patient.differences)
    parts = f": {count(unlike, 'difference')} of what it makes" if unlike else ""
    yield Ill(
        "interrupted",
        broken.revision,
        f"{broken.revision} broke off on its way {broken.direction}, recorded is {patient.revision}{parts}",
        fix=f"kingston {on} goes on; kingston {back} puts the portal back to {patient.revision}",
    )
