"""``kingston recover check``: a client group's rows at a time, rebuilt in two independent ways and compared.

One way goes back from the rows of today.  The other starts from a checkpoint, restored into a scratch database: forward
to the time with the lines written since, or, when it was made later, back from its rows with the lines it holds itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from ... import db
from ...backup import manifest as manifests
from ...backup import proving, scratch
from ...errors import RefusedError
from ...settings import schemas
from ..audit import tracked, trail
from ..checkpoint import existing
from . import replay, scope
from .carrying import ground
from .client import reaches_back
from .moment import Cut, cut
from .replay import MARKER

Docs = dict[tuple[str, str], dict[str, Any] | None]
_BETWEEN = """
SELECT h.action, h.changes::text FROM row_history AS h
WHERE h.table_name = %s AND h.row_key = %s::jsonb AND h.id > %s ORDER BY h.id
"""


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
            theirs, unseen, way = _from_checkpoint(here.connection, other, ours, at, held.created_at, names, after)
    differences = [
        f"{name} {key}: {text}"
        for (name, key), mine in sorted(ours.items())
        if (name, key) not in unseen
        for text in _differ(mine, theirs[name, key])
    ]
    return Report(client, at, checkpoint, way, len(ours) - len(unseen), len(unseen), tuple(differences))


def _from_checkpoint(
    live: psycopg.Connection[Any], other: psycopg.Connection[Any], ours: Docs, at: datetime, made: datetime, names: Any,
    after: Cut,
) -> tuple[Docs, set[tuple[str, str]], str]:  # fmt: skip
    recorded = tracked.read(other, names)
    backward = made > at
    row = other.execute("SELECT coalesce(max(id), 0) FROM row_history").fetchone()
    last = int(row[0]) if row else 0
    there = cut(other, at) if backward else Cut(first=last + 1)
    theirs: Docs = {}
    unseen: set[tuple[str, str]] = set()
    for name in {name for name, _ in ours}:
        keys = [key for table, key in ours if table == name]
        for found in replay.rows(other, recorded[name], keys, there):
            theirs[name, found.key] = found.then
    if not backward:
        for name, key in ours:
            document, known = _forward(live, name, key, last, theirs[name, key], after)
            theirs[name, key] = document
            if not known:
                unseen.add((name, key))
    return theirs, unseen, "backward" if backward else "forward"


def _forward(
    live: psycopg.Connection[Any], name: str, key: str, last: int, document: dict[str, Any] | None, after: Cut
) -> tuple[dict[str, Any] | None, bool]:
    """The row with the lines after ``last`` and before the time; False: an insert, whose values no line has."""
    from psycopg import sql

    statement = sql.SQL(_BETWEEN.replace("ORDER", "AND NOT {cut} ORDER")).format(cut=after.condition())  # type: ignore[arg-type]
    document = None if document is None else dict(document)
    known = True
    for action, text in live.execute(statement, (name, key, last)):
        changes = json.loads(text or "{}", parse_float=Decimal)
        if action == "insert":
            known, document = False, {}
        elif action == "update" and document is not None:
            document |= {column: pair[1] for column, pair in changes.items()}
        elif action in ("delete", "truncate"):
            known, document = True, None
    return document, known


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
