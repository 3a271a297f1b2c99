"""Runs that ended without a word: what became of them is looked up (kingston_schema.ddl.settling), never assumed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from alembic.script import ScriptDirectory

from ...catalog import history
from ...ddl import settling
from ...ddl.journal import Journal
from .hands import Hands
from .patient import Ill, Patient

CODE = "unknown_outcome"
# Steps of runs that have their end, without one of their own.
_STEPS = (
    "SELECT DISTINCT s.run_id, s.revision, s.direction FROM @control@.step_journal AS s WHERE s.outcome IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM @control@.journal AS j WHERE j.run_id = s.run_id AND j.revision = s.revision"
    " AND j.direction = s.direction AND j.status IN ('started', 'unknown') AND j.settled IS NULL) ORDER BY 2, 3"
)


def find(patient: Patient) -> Iterator[Ill]:
    """Revisions first, then single steps."""
    if not patient.controlled:
        return
    for _, revision, direction, _ in patient.all(settling.OPEN):
        yield Ill(
            CODE,
            f"{revision} {direction}",
            f"{revision} {direction} ended without a word: nobody has looked yet what became of it",
            remedy="version table, transactions and catalogue are asked, and the answer is recorded",
            repair=partial(_settle, place=f"{revision} {direction}"),
        )
    for run, revision, direction in patient.all(_STEPS):
        yield Ill(
            CODE,
            f"{revision} {direction}",
            f"steps of {revision} {direction} have no outcome although the run has ended",
            remedy="what they leave is looked for, and the answer is recorded",
            repair=partial(_settle_steps, run=run, revision=revision, direction=direction),
        )


def _settle(hands: Hands, place: str) -> str:
    script = ScriptDirectory.from_config(history.configuration())
    found = settling.settle(_journal(hands), script, [hands.revision])
    said = [f"recorded as {item.status}: {item.how}" for item in found if f"{item.revision} {item.direction}" == place]
    return said[-1] if said else "settled together with another run"


def _settle_steps(hands: Hands, run: object, revision: str, direction: str) -> str:
    settling.settle_steps(_journal(hands), run, revision, direction)
    return "every step has an outcome"


def _journal(hands: Hands) -> Journal:
    return Journal(hands.connection, hands.names, hands.run, hands.connection.info.backend_pid)
