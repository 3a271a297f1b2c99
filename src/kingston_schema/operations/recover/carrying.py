"""What every recovery that writes shares: the plan, its writing and proof, its report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...errors import NotAsExpected, RefusedError
from ..audit.tracked import Tracked
from . import columns, proof, writing
from . import keys as foreign
from .change import Change, Left
from .ground import MARK, Ground
from .plan import Planner
from .replay import Row
from .scope import LINKS, PRODUCTS


@dataclass(frozen=True)
class Report:
    """What was done (``id`` names it for an undo) or, with ``dry_run``, would be.

    ``others``: rows of others in the tables reached, counted and hashed before and after, and found the same.
    """

    id: str
    client: int | None
    at: datetime | None
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    others: int
    dry_run: bool


def carry(
    here: Ground, rows: dict[str, list[Row]], left: list[Left], *, client: int | None, at: datetime | None,
    reason: str, lose_secrets: bool, dry_run: bool, in_step: bool = False, shown: tuple[Change, ...] | None = None,
) -> Report:  # fmt: skip
    """Plan, and unless ``dry_run`` write: audited, and everything else proven untouched before it is committed.

    ``in_step``: links and documents are already meant to agree afterwards, so neither is derived from the other.
    ``shown``: what somebody has seen and agreed to; anything else is refused.
    Raises RefusedError when a rule says no, NotAsExpected when a row of somebody else would have changed; both leave
    everything as it was.
    """
    fks = foreign.read(here.connection, here.names.application)
    there = columns.read(here.connection, here.names.application)
    planner = Planner(here.connection, here.recorded, fks, there, lose_secrets)
    planner.plan(rows)
    changes, left = planner.changes, [*left, *planner.left]
    if shown is not None and tuple(changes) != shown:
        raise RefusedError(
            "somebody wrote these rows since the difference was shown; nothing was changed",
            fix="the same command again shows the difference as it is now",
        )
    others = 0
    if changes and not dry_run:
        here.connection.execute(
            "SELECT set_config('app.correlation_id', %s, true), set_config('app.justification', %s, true)",
            (MARK + here.number, reason),
        )
        tables = proof.reached(here, fks, changes)
        counted, before = proof.written(here), proof.others(here, tables, changes)
        writing.write(here, changes, there, in_step or {LINKS, PRODUCTS} <= rows.keys())
        after = proof.others(here, tables, changes)
        wrong = [table for table in before if before[table] != after[table]]
        wrong += proof.strange(here, counted, tables)
        if wrong:
            raise NotAsExpected(
                f"rows of others in {', '.join(wrong)} would have changed; nothing was changed", obj=wrong[0]
            )
        others = sum(count for count, _ in after.values())
    if not dry_run:
        here.event.rows = len(changes)
        here.event.detail = f"recovery {here.number}: {reason}" if changes else "nothing to change"
    number = here.number if changes and not dry_run else ""
    return Report(number, client, at, tuple(changes), tuple(left), others, dry_run)


def chosen(recorded: dict[str, Tracked], wanted: list[str]) -> dict[str, Tracked]:
    """The recorded tables that were asked for; raises RefusedError for one that has no history."""
    for name in wanted:
        if name not in recorded:
            raise RefusedError(
                f"{name} has no row history here", fix=f"--tables {','.join(sorted(recorded))}", obj=name
            )
    return {name: table for name, table in recorded.items() if not wanted or name in wanted}
