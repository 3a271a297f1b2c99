"""Before ``upgrade`` changes anything: the critical checks that must pass, and the record of those that were skipped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import psycopg

from .. import db
from ..catalog import portal
from ..ddl.event_log import EventLog
from ..ddl.legacy import BUILT_NEW
from ..ddl.sqltext import render
from ..settings import Schemas, schemas
from . import _checks, _checks_here
from ._checks import Outcome
from ._drive import Plan
from .verify.final import objects

# All that a new installation is asked beyond what every run looks at by itself (version, primary, rights, room to archive).
NEW = ("connections", "long_transactions", "prepared_transactions")
# What an interrupted run leaves and the same command puts right.
LEFTOVERS = ("nothing_invalid",)
PHASE = "checks"  # as phase in the table of gate results


@dataclass(frozen=True)
class Readiness:
    """What was asked; ``blocking``: critical checks that failed; ``unknown``: those whose answer cannot be seen from here."""

    origin: str
    outcomes: tuple[Outcome, ...]

    @property
    def blocking(self) -> tuple[Outcome, ...]:
        """They stop the run before it begins."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")

    @property
    def unknown(self) -> tuple[Outcome, ...]:
        """Told, and no obstacle."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "unknown")


def ask(url: str, planned: Plan, *, checkpoint: bool = False, folder: str | None = None) -> Readiness:
    """Ask the critical checks of stage ``pre`` where ``planned`` goes up from a production portal; reads only.

    A new installation is asked the few that would stop the run itself; a rollback and an empty schema nothing: the run
    refuses what it could not keep.  ``checkpoint``: one is about to be made and proven, so none is asked for.
    """
    names = schemas(planned.schema)
    if planned.direction != "up" or planned.before is None or not planned.steps:
        return Readiness("", ())
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        origin = _origin(connection, names)
        wanted = [
            check
            for check in _checks.fitting(_checks.definitions(), "pre", planned.before)
            if check.severity == "critical" and (origin != "new" or check.name in NEW)
        ]
        resumed = _resumed(connection, names)
        if resumed:
            wanted = [check for check in wanted if check.name not in LEFTOVERS]
        outcomes = _checks.ask_all(connection, names, wanted)
        if origin != "new":
            outcomes += _checks_here.outcomes(connection, names, "pre", None, folder)
            outcomes += [] if resumed else [objects(connection, names, planned.before)]
    kept = [
        o for o in outcomes if o.severity == "critical" and not (checkpoint and o.name == "backup_proven")
    ]
    return Readiness(origin, tuple(replace(o, fix=render(o.fix, names)) for o in kept))


def record(url: str, schema: str, skipped: tuple[Outcome, ...], reason: str) -> bool:
    """Write down which checks had failed and were skipped, beside the results of gates; False where there is no such table."""
    names = schemas(schema)
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        if not _exists(connection, names, "@control@.gate_result"):
            return False
        log = EventLog(connection, names)
        log.open_if_there()
        for outcome in skipped:
            log.write("noted", "skip check", outcome.name, outcome="given", detail=reason)
            connection.execute(
                render(
                    "INSERT INTO @control@.gate_result (phase, check_name, severity, outcome, found, reason)"
                    " VALUES (%s, %s, %s, 'allowed', %s, %s)",
                    names,
                ).encode(),
                (PHASE, outcome.name, outcome.severity, outcome.found, reason),
            )
    return True


def _origin(connection: psycopg.Connection, names: Schemas) -> str:
    """``new`` or ``production``; before there is a control schema, the mark on the version table says it."""
    known = portal.read(connection, names).origin
    if known:
        return known
    row = connection.execute(
        "SELECT obj_description(to_regclass('alembic_version'), 'pg_class') = %s", (BUILT_NEW,)
    ).fetchone()
    return "new" if row and row[0] else "production"


def _resumed(connection: psycopg.Connection, names: Schemas) -> bool:
    """Whether the last run stopped part-way."""
    if not _exists(connection, names, "@control@.journal"):
        return False
    row = connection.execute(
        render("SELECT status FROM @control@.journal ORDER BY id DESC LIMIT 1", names).encode()
    ).fetchone()
    return bool(row and row[0] != "completed")


def _exists(connection: psycopg.Connection, names: Schemas, relation: str) -> bool:
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (render(relation, names),)).fetchone()
    return bool(row and row[0])
