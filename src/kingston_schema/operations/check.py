"""The deployment checklists as real checks: before a migration, after it, and before it goes live."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from .. import db
from ..catalog import expected, fingerprint, portal
from ..errors import UsageError
from ..settings import schemas
from ..wording import count
from . import _checks, _checks_here
from ._checks import Outcome

# No score reaches this with a critical failure, however much else passes (errata E-142, E-143).
BLOCKED_AT_MOST = 59


@dataclass(frozen=True)
class Report:
    """``verdict``: ready, ready with warnings, or not ready; ``score`` 0 to 100, of what could be measured."""

    stage: str
    database: str
    schema: str
    revision: str | None
    outcomes: tuple[Outcome, ...]
    score: int
    verdict: str

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """What did not pass, critical ones first; what cannot be known counts as not passed."""
        return tuple(sorted((o for o in self.outcomes if o.state != "passed"), key=lambda o: o.severity))


def run(
    url: str,
    schema: str | None = None,
    stage: str = "pre",
    *,
    role: str | None = None,
    folder: str | None = None,
) -> Report:
    """Ask every check of ``stage``; reads only.  ``role``: the application's.

    Raises UsageError for an unknown stage, NotAPortal for anything but a portal.
    """
    if stage not in _checks.STAGES:
        raise UsageError(f'there is no stage "{stage}"', fix="kingston check pre, post or go-live")
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        found = portal.read(connection, names)
        if found.revision is None:
            raise UsageError(
                "the schema is empty: there is no portal to check", fix="kingston upgrade legacy"
            )
        asked = _checks.ask_all(
            connection, names, _checks.fitting(_checks.definitions(), stage, found.revision)
        )
        here = _checks_here.outcomes(connection, names, stage, role, folder)
        objects = _objects(connection, names.application, found.revision)
    outcomes = (*here, *asked, objects)
    return Report(stage, found.database, names.application, found.revision, outcomes, *_judge(outcomes))


def _objects(connection: psycopg.Connection, schema: str, revision: str) -> Outcome:
    """Every object of the recorded revision by name and definition; what others added does not count."""
    should = expected.expected(revision, connection.info.server_version)
    now = fingerprint.read(connection, schema).portable()
    lines = [x for x in fingerprint.differences(should, now) if not x.startswith("added: ")]
    return Outcome(
        "objects", "portal", "critical", "failed" if lines else "passed",
        count(len(lines), "difference") if lines else f"all {len(should.objects)} objects of {revision} are as they should be",
        f"every object of {revision}, unchanged", f"kingston fingerprint --diff {revision}", tuple(lines[:20]),
    )  # fmt: skip


def _judge(outcomes: tuple[Outcome, ...]) -> tuple[int, str]:
    weight = {"critical": 3, "warning": 1}
    most = sum(weight[o.severity] for o in outcomes)
    score = (
        round(100 * sum(weight[o.severity] for o in outcomes if o.state == "passed") / most) if most else 0
    )
    if any(o.severity == "critical" and o.state != "passed" for o in outcomes):
        return min(score, BLOCKED_AT_MOST), "not ready"
    return score, "ready" if all(o.state == "passed" for o in outcomes) else "ready with warnings"
