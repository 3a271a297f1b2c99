"""``kingston verify rollback``: rehearse rollbacks on a scratch database and account for every value.

For each pair of revisions: up, write through the new shape, down, write through the old shape, up again; fingerprints,
rows and a hash per column are compared, and every archived row is live, in quarantine with its reason, or deleted by
whoever deleted what it belongs to.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ... import db
from ...backup import scratch
from ...catalog import portal
from ...settings import schemas
from .. import seed as sample
from . import moving, pair
from .differences import Difference
from .pair import Outcome, Tell
from .place import Place, leftovers, place
from .plan import LEGACY, Plan, plan
from .progress import Progress, Steps

__all__ = ["Difference", "Outcome", "Plan", "Report", "clean", "plan", "run"]


@dataclass(frozen=True)
class Report:
    """What was rehearsed.  ``database`` and ``before`` are named where they were kept."""

    server: str
    schema: str
    clients: int
    products: int
    seed: int
    outcomes: tuple[Outcome, ...]
    not_run: tuple[tuple[str, str], ...]
    seconds: float
    bytes: int
    database: str | None
    before: str | None
    leftovers: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether every pair was rehearsed and nothing was different."""
        return not self.not_run and all(not outcome.differences for outcome in self.outcomes)


def run(url: str, planned: Plan, report: Progress | None = None, *, keep: bool = False) -> Report:
    """Rehearse.  ``keep``: stop at the first difference and keep both databases.

    The scratch database is dropped at the end, also after errors and interrupts.
    """
    names = schemas(planned.schema)
    started = time.monotonic()
    outcomes: list[Outcome] = []
    steps = Steps(report, len(planned.pairs))
    with place(url, names, here=planned.here, keep=keep) as at:
        found, current = _start(at, planned, steps.tell)
        rest = list(planned.pairs)
        while rest:
            upper, lower = rest[0]
            steps.pair(upper, lower)
            outcome, whole = _one(at, upper, lower, current, steps)
            outcomes.append(outcome)
            rest.pop(0)
            current = upper
            if not whole or (keep and outcome.differences):
                break
        else:
            if found is not None and found != current:
                steps.tell(f"back to {found}")
                moving.go(at.url, names.application, found, current)
        size = at.size()
    return Report(
        server=planned.server,
        schema=names.application,
        clients=planned.clients,
        products=planned.products,
        seed=planned.seed,
        outcomes=tuple(outcomes),
        not_run=tuple(rest),
        seconds=round(time.monotonic() - started, 3),
        bytes=size,
        database=at.database if keep or planned.here else None,
        before=at.copied if keep else None,
        leftovers=planned.leftovers,
    )


def clean(url: str) -> tuple[str, ...]:
    """Drop what earlier runs left behind; their names."""
    with scratch.administering(url) as admin, db.plain_errors(url):
        found = leftovers(admin)
        for name in found:
            scratch.drop(admin, name)
    return tuple(found)


def _start(at: Place, planned: Plan, tell: Tell) -> tuple[str | None, str]:
    """(the revision to go back to at the end, the revision the database is at now)."""
    names = schemas(planned.schema)
    if planned.here:
        with db.connect(at.url, names.application) as connection, db.plain_errors(at.url):
            found = portal.read(connection, names).revision
        return found, found or LEGACY
    tell(f"making {at.database}: {planned.clients:,} client groups, {planned.products:,} products")
    moving.go(at.url, names.application, LEGACY, None)
    sample.run(
        at.url,
        schema=names.application,
        clients=planned.clients,
        products=planned.products,
        seed=planned.seed,
        legacy_phones=True,
    )
    return None, LEGACY


def _one(at: Place, upper: str, lower: str, current: str, steps: Steps) -> tuple[Outcome, bool]:
    """One pair, and whether the next may follow: after a failure only from the copy, when there is one."""
    started = time.monotonic()
    copies = at.copies
    try:
        if current != lower:
            moving.go(at.url, at.names.application, lower, current)
        return pair.rehearse(at, upper, lower, str(steps.pairs), steps.tell), True
    except moving.Stopped as stopped:
        found = (Difference(stopped.when, "stopped", upper, str(stopped)),)
        whole = at.copies > copies and not at.here
        if whole:
            at.start_over()
        taken = round(time.monotonic() - started, 3)
        return Outcome(upper, lower, 0, 0, 0, False, False, taken, 0, 0, found), whole
