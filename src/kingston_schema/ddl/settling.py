"""What became of a run that ended without a word: found out from the database, never assumed (promise P5).

The version table tells whether a revision was committed; transactions and what steps leave behind tell the rest.
Called with the runner's lock held, when no session of the run in question is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alembic.script import ScriptDirectory

from . import outcomes
from .journal import Journal, phase_of

OPEN = (
    "SELECT run_id, revision, direction, id FROM @control@.journal"
    " WHERE status IN ('started', 'unknown') AND settled IS NULL ORDER BY id"
)


@dataclass(frozen=True)
class Settled:
    """One revision run, and what was found about it."""

    revision: str
    direction: str
    status: str
    how: str


def settle(journal: Journal, script: ScriptDirectory, heads: Sequence[str]) -> list[Settled]:
    """Give every revision run without an end its end; ``heads``: what the version table holds now."""
    if not journal.there:
        return []
    found = []
    for run, revision, direction, number in journal.execute(OPEN).fetchall():
        status, how = _outcome(script, heads, revision, direction)
        rows = journal.execute("SELECT @control@.rows_moved(%s, %s)", (str(run), revision)).fetchone()
        if status == "unknown":
            journal.execute(
                "UPDATE @control@.journal SET status = 'unknown', settled = %s WHERE id = %s", (how, number)
            )
            journal.execute(
                "UPDATE @control@.step_journal SET outcome = 'unknown', settled = %s"
                " WHERE run_id = %s AND revision = %s AND direction = %s AND outcome IS NULL",
                (how, run, revision, direction),
            )
        else:
            journal.execute(
                "SELECT @control@.record_run(%s, %s, %s, %s, %s, NULL, %s, %s, NULL, NULL, %s)",
                (
                    run,
                    revision,
                    direction,
                    phase_of(revision),
                    status,
                    rows[0] if rows else None,
                    None if status == "completed" else "the run ended without a word",
                    how,
                ),
            )
        settle_steps(journal, run, revision, direction)
        found.append(Settled(revision, direction, status, how))
    return found


def settle_steps(journal: Journal, run: object, revision: str, direction: str) -> None:
    """Steps of a revision that was not committed which nobody acknowledged: look for what they leave."""
    left = journal.execute(
        "SELECT id, operation, arguments FROM @control@.step_journal"
        " WHERE run_id = %s AND revision = %s AND direction = %s AND outcome IS NULL ORDER BY id",
        (run, revision, direction),
    ).fetchall()
    for number, operation, arguments in left:
        outcome, how = outcomes.look(journal.side, journal.names, number, operation, arguments)
        journal.execute(
            "UPDATE @control@.step_journal SET outcome = %s, settled = %s WHERE id = %s",
            (outcome, how, number),
        )


def _outcome(script: ScriptDirectory, heads: Sequence[str], revision: str, direction: str) -> tuple[str, str]:
    recorded = ", ".join(heads) or "nothing"
    known = {item.revision: item for item in script.walk_revisions()}
    if revision not in known:
        return "unknown", f"the revision is not one of this version; the version table holds {recorded}"
    below = known[revision].down_revision
    here, there = (below, revision) if direction == "up" else (revision, below)
    if list(heads) == ([there] if there else []):
        return "completed", f"the version table holds {recorded}: it was committed"
    if list(heads) == ([here] if here else []):
        return "failed", f"the version table holds {recorded}: it was not committed"
    return "unknown", f"the version table holds {recorded}: something else has moved the portal since"
