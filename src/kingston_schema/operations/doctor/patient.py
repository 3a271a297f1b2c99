"""The portal as the doctor finds it: where it is recorded, how it differs from that, whether a revision broke off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from alembic.script import ScriptDirectory

from ...catalog import expected, fingerprint, history, matching, portal
from ...catalog.names import Objects
from ...catalog.words import Difference
from ...ddl import outcomes
from ...ddl.interrupted import WHOLE
from ...ddl.sqltext import render
from ...errors import UsageError
from ...settings import Schemas


@dataclass(frozen=True)
class Interrupted:
    """A revision that broke off: ``objects`` are those it makes or changes, which may stand either way now."""

    revision: str
    direction: str
    objects: frozenset[str]


@dataclass(frozen=True)
class Patient:
    """One portal.  ``differences``: what counts as damage of the recorded revision (catalog.matching)."""

    connection: psycopg.Connection[Any] = field(repr=False)
    names: Schemas
    database: str
    revision: str
    controlled: bool
    should: Objects
    found: Objects
    differences: tuple[Difference, ...]
    interrupted: Interrupted | None

    def all(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a query with @schema@, @control@ and @archive@ in it."""
        return self.connection.execute(render(statement, self.names).encode(), parameters or None).fetchall()

    def there(self, relation: str) -> bool:
        """Whether ``@control@.journal`` or the like exists."""
        return bool(self.all("SELECT to_regclass(%s) IS NOT NULL", render(relation, self.names))[0][0])


@dataclass(frozen=True)
class Ill:
    """One thing that is wrong.

    ``object`` as the fingerprint names it.  ``remedy``: what --fix does about it, empty where a person has to decide;
    then ``fix`` is the command or the query to go on with.
    """

    code: str
    object: str
    message: str
    remedy: str = ""
    fix: str = ""
    repair: Callable[[Any], str] | None = field(default=None, repr=False)


def examine(connection: psycopg.Connection[Any], names: Schemas) -> Patient:
    """Look at everything once.  Raises UsageError for an empty schema, NotAPortal for anything but a portal."""
    seen = portal.read(connection, names)
    if seen.revision is None:
        raise UsageError("the schema is empty: there is nothing to look at", fix="kingston upgrade legacy")
    history.position(seen.revision)
    version = connection.info.server_version
    live = fingerprint.read(connection, names.application)
    match = matching.against(seen.revision, live, version, names)
    patient = Patient(
        connection=connection,
        names=names,
        database=seen.database,
        revision=seen.revision,
        controlled=False,
        should=expected.expected(seen.revision, version).objects,
        found=live.portable().objects,
        differences=match.blocking,
        interrupted=None,
    )
    if not patient.there("@control@.step_journal"):
        return patient
    broken_off = _interrupted(patient, version)
    return Patient(**{**vars(patient), "controlled": True, "interrupted": broken_off})


def _interrupted(patient: Patient, version: int) -> Interrupted | None:
    """The last revision run, when it did not come to its end and something of it may be there.

    The same question as a run asks before it goes the other way (kingston_schema.ddl.interrupted).
    """
    rows = patient.all(
        "SELECT revision, direction, status, run_id FROM @control@.journal ORDER BY id DESC LIMIT 1"
    )
    if not rows or rows[0][2] == "completed" or rows[0][0] in WHOLE:
        return None
    revision, direction, _, run = rows[0]
    script = ScriptDirectory.from_config(history.configuration()).get_revision(revision)
    below = str(script.down_revision)
    if patient.revision != (below if direction == "up" else revision):
        return None
    above, under = (expected.expected(name, version).objects for name in (revision, below))
    objects = frozenset(n for n in {*above, *under} if above.get(n) != under.get(n))
    done = patient.all(
        "SELECT 1 FROM @control@.step_journal WHERE run_id = %s AND revision = %s AND direction = %s"
        " AND outcome = 'applied' AND (transaction IS NOT NULL OR operation = ANY (%s)) LIMIT 1",
        run,
        revision,
        direction,
        outcomes.COMMITTING,
    )
    changed = any(difference.object in objects for difference in patient.differences)
    return Interrupted(revision, direction, objects) if done or changed else None
