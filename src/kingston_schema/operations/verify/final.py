"""``kingston verify``: the final verification of a portal at its revision, from one snapshot; reads only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files

import psycopg

from ... import db
from ...catalog import history, portal
from ...ddl import verification
from ...ddl.sqltext import render
from ...errors import UsageError
from ...settings import Schemas, schemas
from ...wording import count
from .. import _checks
from .._checks import Definition, Outcome
from . import archive

SETTINGS = (
    "jit = off",
    "work_mem = '64MB'",
)  # compiling takes longer than these queries; sorts stay in memory


@dataclass(frozen=True)
class LeftOut:
    """A check that cannot be asked yet; ``since``: the revision from which it can."""

    name: str
    since: str


@dataclass(frozen=True)
class Report:
    """What was found; ``seconds`` for all of it."""

    database: str
    schema: str
    revision: str
    outcomes: tuple[Outcome, ...]
    left_out: tuple[LeftOut, ...]
    seconds: float

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """What did not pass; what could not be asked counts as not passed."""
        return tuple(outcome for outcome in self.outcomes if outcome.state != "passed")


def definitions() -> list[Definition]:
    """The checks of sql/verification, in the order in which their revisions come."""
    folder = files("kingston_schema") / "sql" / "verification"
    texts = sorted((path.name, path.read_text("utf-8")) for path in folder.iterdir())
    found = [check for _, text in texts for check in _checks.parse(text, "verification")]
    return sorted(found, key=lambda check: history.position(check.since))


def run(url: str, schema: str | None = None, *, tell: Callable[[str], None] = lambda text: None) -> Report:
    """Ask every check that can be asked at the recorded revision; one REPEATABLE READ, READ ONLY transaction.

    ``tell`` hears the name of each before it is asked.  Raises UsageError for an empty schema, NotAPortal for anything
    but a portal.
    """
    names = schemas(schema)
    started = time.monotonic()
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        found = portal.read(connection, names)
        if found.revision is None:
            raise UsageError("the schema is empty: there is nothing to verify", fix="kingston upgrade legacy")
        for setting in SETTINGS:
            connection.execute(f"SET LOCAL {setting}".encode())
        tell("objects")
        outcomes = [objects(connection, names, found.revision)]
        reached = history.position(found.revision)
        if reached >= history.position(archive.SINCE):
            tell(archive.NAME)
            outcomes.append(archive.accounted(connection, names))
        every = definitions()
        for check in every:
            if history.position(check.since) <= reached:
                tell(check.name)
                outcomes.append(_ask(connection, names, check))
        connection.execute("ROLLBACK")
    since = {archive.NAME: archive.SINCE} | {check.name: check.since for check in every}
    left_out = tuple(LeftOut(n, s) for n, s in since.items() if history.position(s) > reached)
    seconds = round(time.monotonic() - started, 3)
    return Report(found.database, names.application, found.revision, tuple(outcomes), left_out, seconds)


def objects(connection: psycopg.Connection, names: Schemas, revision: str) -> Outcome:
    """Every object by name and definition.  What the portal has beside, and changed of Phase 1, is told and accepted."""
    verdict = verification.verify(connection, names, [revision], "up")
    missing = tuple(line for line in verdict.beside if line.startswith("missing: "))
    faults, beside = verdict.faults + missing, len(verdict.beside) - len(missing)
    if faults:
        found = f"{count(len(faults), 'object')} of {verdict.objects:,} missing or changed"
    else:
        found = f"all {verdict.objects:,} as they should be"
    if beside:
        found += f"; {count(beside, 'difference')} of the portal's own"
    return Outcome(
        "objects", "verification", "critical", "failed" if faults else "passed", found,
        f"every object of {revision}, by name and definition", "kingston drift --sql writes the statements",
        faults[: _checks.KEYS_SHOWN],
    )  # fmt: skip


def _ask(connection: psycopg.Connection, names: Schemas, check: Definition) -> Outcome:
    """One check; what goes wrong in it does not end the others."""
    connection.execute("SAVEPOINT asked")
    outcome = _checks.ask(connection, names, check)
    connection.execute("ROLLBACK TO SAVEPOINT asked")
    return replace(outcome, fix=render(outcome.fix, names))
