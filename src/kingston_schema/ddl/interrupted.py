"""A revision that an earlier run left half done: who goes the other way has to put it right first."""

from __future__ import annotations

from collections.abc import Sequence

from alembic.script import Script, ScriptDirectory

from .journal import Journal

# Made in one transaction each: never half done.
WHOLE = ("legacy", "pre_migration_control")


def interrupted(
    journal: Journal, scripts: ScriptDirectory, heads: Sequence[str], going: str
) -> tuple[Script, str] | None:
    """The revision to put right before going ``going`` (up or down) and the way it was on; None where nothing is.

    An upgrade that stopped inside revision r leaves parts of r above the recorded revision; going
    down must take them out first.  A rollback that stopped inside r leaves r recorded and incomplete;
    going up must complete it first.  Going on in the same direction repeats r anyway.

    ``heads``: what the version table holds.  Runs without an end must have been settled.
    """
    if not heads or not journal.there:
        return None
    row = journal.execute(
        "SELECT revision, direction, status FROM @control@.journal ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None or row[2] == "completed" or row[1] == going:
        return None
    script = scripts.get_revision(row[0])
    expected = script.down_revision if row[1] == "up" else script.revision
    if script.revision in WHOLE or expected not in heads:
        return None
    return script, row[1]
