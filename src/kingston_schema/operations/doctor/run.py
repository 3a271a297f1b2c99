"""Look, and with ``fix`` put right what can be: each repair in a transaction of its own, on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from ... import db
from ...ddl import sessions, toolkit
from ...ddl.event_log import recorded
from ...ddl.events import SilentReporter
from ...ddl.runner import one_runner
from ...errors import KingstonError
from ...settings import history_folder, schemas
from . import (
    archives,
    constraints,
    copies,
    drift,
    indexes,
    interruptions,
    outcomes,
    relations,
    roles,
    runners,
    switches,
)
from .hands import SESSION, Hands, Story
from .patient import Ill, Patient, examine

# In the order in which they are put right: first who was at work and what became of it, then what it left.
KINDS = (runners, outcomes, copies, switches, archives, relations, constraints, indexes, interruptions, roles)
FIX = "kingston doctor --fix"


@dataclass(frozen=True)
class Finding:
    """``remedy``: what --fix does about it; empty where a person has to decide.  ``fix``: the command to go on with."""

    code: str
    object: str
    message: str
    remedy: str
    fix: str


@dataclass(frozen=True)
class Repair:
    """One thing that was put right."""

    code: str
    object: str
    done: str


@dataclass(frozen=True)
class Report:
    """``found`` is what was wrong, ``left`` what still is."""

    database: str
    schema: str
    revision: str
    found: tuple[Finding, ...]
    repaired: tuple[Repair, ...]
    left: tuple[Finding, ...]


def run(
    url: str, schema: str | None = None, *, fix: bool = False, story: Story = lambda line: None
) -> Report:
    """Find what is wrong; with ``fix`` put it right as far as that loses nothing.

    Raises BusyError at once while a runner is at work, naming it; NotAPortal for anything but a portal.
    """
    names = schemas(schema)
    with (
        db.connect(url, names.application) as connection,
        db.plain_errors(url),
        one_runner(connection, connection, names, SilentReporter(), wait=0),
    ):
        sessions.prepare(connection, SESSION)
        patient = examine(connection, names)
        ills = list(find(patient))
        found = tuple(_finding(ill) for ill in ills)
        if not fix or not any(ill.repair for ill in ills):
            return Report(patient.database, names.application, patient.revision, found, (), found)
        if patient.revision != "legacy" and toolkit.missing(connection, names):
            toolkit.install(connection, names, history_folder() / "sql")
        hands = Hands(url, connection, names, patient.revision, story)
        with recorded(connection, names, "doctor repair", make=False) as event:
            repaired, refusals = _put_right(hands, ills)
            event.outcome = "partly" if refusals else "done"
            event.detail = "; ".join(f"{repair.object}: {repair.done}" for repair in repaired)
        hands.register.begin()
        hands.register.end("verified", f"{len(repaired)} put right, {len(refusals)} could not be")
        left = tuple(_finding(ill, refusals) for ill in find(examine(connection, names)))
        return Report(patient.database, names.application, patient.revision, found, repaired, left)


def find(patient: Patient) -> Iterator[Ill]:
    """Everything that is wrong, kind by kind."""
    told = set()
    for kind in KINDS:
        for ill in kind.find(patient):
            told.add(ill.object)
            yield ill
    yield from drift.find(patient, told)


def _put_right(hands: Hands, ills: list[Ill]) -> tuple[tuple[Repair, ...], dict[tuple[str, str], str]]:
    """The repairs that were made, and why the others could not be."""
    repaired: list[Repair] = []
    refusals: dict[tuple[str, str], str] = {}
    for ill in ills:
        if ill.repair is None:
            continue
        if ill.code != runners.CODE:
            hands.register.begin()
        try:
            if ill.code in (indexes.CODE, archives.CODE):  # more than one transaction: recorded after it
                done = ill.repair(hands)
                hands.record(ill.code, ill.object, done)
            else:
                with hands.connection.transaction():
                    done = ill.repair(hands)
                    hands.record(ill.code, ill.object, done)
        except (psycopg.Error, KingstonError) as error:
            said = (
                error.message
                if isinstance(error, KingstonError)
                else str(error.diag.message_primary or error)
            )
            refusals[ill.code, ill.object] = said
            hands.story(f"{ill.object}: could not be put right: {said}")
            if hands.connection.closed:
                raise
            continue
        repaired.append(Repair(ill.code, ill.object, done))
        hands.story(f"{ill.object}: {done}")
    return tuple(repaired), refusals


def _finding(ill: Ill, refusals: dict[tuple[str, str], str] | None = None) -> Finding:
    why = (refusals or {}).get((ill.code, ill.object))
    message = f"{ill.message}; not put right: {why}" if why else ill.message
    return Finding(ill.code, ill.object, message, ill.remedy, ill.fix or FIX)
