"""``kingston recover check``: a client group's rows at a time, rebuilt in two independent ways and compared.

One way goes back from the rows of today.  The other starts from a checkpoint, restored into a scratch database: back
from its rows with the lines that it holds itself of what came after the time, forward with those it does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from ... import db
from ...backup import manifest as manifests
from ...backup import proving, scratch
from ...errors import RefusedError
from ...settings import schemas
from ..audit import tracked, trail
from ..audit.tracked import Tracked
from ..checkpoint import existing
from . import forward, replay, scope
from .client import reaches_back
from .forward import Docs
from .ground import ground
from .moment import Cut, cut, require_past
from .replay import MARKER


@dataclass(frozen=True)
class Report:
    """``way``: forward or backward from the checkpoint; ``rows`` compared; ``unseen``: rows that came after the
    checkpoint, whose first values only one way knows; ``differences`` in words."""

    client: int
    at: datetime
    checkpoint: str
    way: str
    rows: int
    unseen: int
    differences: tuple[str, ...]


def run(
    url: str, client: int, at: datetime, checkpoint: str, schema: str | None = None, *,
    folder: str | None = None, jobs: int = 2, tell: Any = lambda text: None,
) -> Report:  # fmt: skip
    """Rebuild both ways and compare; reads the portal only, the scratch database is dropped.

    Raises UsageError for a checkpoint that is not there, RefusedError for one that cannot be restored as it should or
    holds no history, and where the history does not reach back to ``at``.
    """
    require_past(at)
    path = existing(folder, checkpoint)
    held = manifests.read(path)
    names = schemas(schema)
    if held.kind != "logical":
        raise RefusedError(
            f"checkpoint {checkpoint} is a whole server; only one of the portal alone can be restored beside it",
            fix="kingston checkpoint create",
        )
    with ground(url, schema) as here, scratch.scratch(url, "recover") as target:
        reaches_back(here, sorted(scope.tables(here.recorded)), at)
        after = cut(here.connection, at)
        found = scope.read(here.connection, here.recorded, client, after)
        ours: Docs = {(name, row.key): row.then for name, rows in found.rows.items() for row in rows}
        tell(f"restoring {checkpoint} into {db.describe(target)}")
        wrong = proving.restored(held, path, target, here.connection.info.server_version, jobs, tell)
        if wrong:
            raise RefusedError(f"checkpoint {checkpoint} is not what it says: {wrong[0]}", obj=checkpoint)
        with db.connect(target, names.application) as other, other.transaction():
            trail.require(other, names)
            trail.print_plainly(other)
            recorded = {n: t for n, t in tracked.read(other, names).items() if n in here.recorded}
            theirs = _theirs(other, recorded, client, ours, cut(other, at))
            for name, key in theirs.keys() - ours.keys():  # the history above knows nothing of them
                ours |= {(name, r.key): r.then for r in replay.rows(here.connection, here.recorded[name], [key], after)}
            unseen = forward.run(here.connection, other, recorded, theirs, after)
    differences = [
        f"{name} {key}: {text}"
        for (name, key), mine in sorted(ours.items())
        if (name, key) not in unseen
        for text in _differ(mine, theirs[name, key])
    ]
    way = "backward" if held.created_at > at else "forward"
    return Report(client, at, checkpoint, way, len(ours) - len(unseen), len(unseen), tuple(differences))


def _theirs(
    other: psycopg.Connection[Any], recorded: dict[str, Tracked], client: int, ours: Docs, there: Cut
) -> Docs:
    """What the checkpoint says of these rows, and of any more that it has of the client group."""
    keys: dict[str, set[str]] = {}
    for name, key in ours:
        keys.setdefault(name, set()).add(key)
    for name, rows in scope.read(other, recorded, client, there).rows.items():
        keys.setdefault(name, set()).update(row.key for row in rows)
    for name in keys:
        if name not in recorded:
            raise RefusedError(
                f"the checkpoint has no history of {name}: it was made at an earlier revision", obj=name
            )
    return {
        (name, row.key): row.then
        for name, wanted in keys.items()
        for row in replay.rows(other, recorded[name], wanted, there)
    }


def _differ(mine: dict[str, Any] | None, theirs: dict[str, Any] | None) -> list[str]:
    if mine is None or theirs is None:
        if mine is theirs:
            return []
        return ["was there by the history, not by the checkpoint" if theirs is None else
                "was there by the checkpoint, not by the history"]  # fmt: skip
    return [
        f"{column} differs"
        for column in sorted(mine.keys() | theirs.keys())
        if mine.get(column) != theirs.get(column) and MARKER not in (mine.get(column), theirs.get(column))
    ]
