"""The end of a run: success is claimed only for a database that was looked at (promises P5, P6).

The version table must hold what the steps led to, and everything of ours must be there as the shipped fingerprint
of that revision says.  What a portal has beside (tables, columns, indexes, other owners and grants, a Phase 1 object
that it changed) is told and accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from ..catalog import expected, fingerprint
from ..catalog.canonical import same
from ..catalog.changes import message
from ..catalog.matching import TUNED
from ..errors import NotAsExpected, OutcomeUnknown
from ..settings import Schemas
from ..wording import count
from .sqltext import render

ALLOWANCE = "catalogue"
# The servers the fingerprints were read from; others may print a definition in another way.
EXACT = (15, 18)
LEGACY = "legacy"


@dataclass(frozen=True)
class Verdict:
    """What was found: ``faults`` in objects of ours, and what the portal has beside."""

    head: str
    objects: int
    faults: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def words(self) -> str:
        """One line for the record."""
        extra = f", {len(self.beside)} differences of the portal's own" if self.beside else ""
        return f"at {self.head}, {self.objects} objects as expected{extra}"


def verify(side: psycopg.Connection[Any], names: Schemas, heads: Sequence[str], direction: str) -> Verdict:
    """Look at version table and catalogue; ``heads``: what the run led to.

    Raises OutcomeUnknown when the version table holds something else.  Faults of the catalogue are returned.
    """
    recorded = tuple(
        row[0] for row in side.execute(render("SELECT version_num FROM @schema@.alembic_version", names).encode())
    )  # fmt: skip
    if recorded != tuple(heads):
        raise OutcomeUnknown(
            f"the run led to {', '.join(heads) or 'base'}, but the version table holds {', '.join(recorded) or 'nothing'}",
            fix="somebody else changes this portal, too; look: alembic current",
        )
    head = recorded[0] if recorded else "base"
    if head not in ("base", *expected.revisions()):
        return Verdict(head, 0, (), (f"no fingerprint of revision {head} ships with this version",))
    version = side.info.server_version
    want = expected.expected(head, version).objects if recorded else {}
    found = fingerprint.read(side, names.application).portable().objects
    legacy = expected.expected(LEGACY, version).objects
    own = {name for name, value in want.items() if legacy.get(name) != value}
    faults: list[str] = []
    beside: list[str] = []
    theirs = _their_columns(side, names)
    for line, name in _differences(want, found, theirs, exact=version // 10000 in EXACT):
        (faults if name in own and name not in theirs else beside).append(line)
    added = [name for name in found if name not in want]
    left = _left_behind(side, names, added) if direction == "down" else set()
    for name in added:
        (faults if name in left - theirs else beside).append(
            f"{'left behind' if name in left else 'added'}: {name}"
        )
    return Verdict(head, len(want), tuple(faults), tuple(beside))


def refuse(verdict: Verdict) -> None:
    """Raise NotAsExpected where something of ours is missing, changed or left behind."""
    if not verdict.faults:
        return
    more = f"\n  … and {len(verdict.faults) - 10} more" if len(verdict.faults) > 10 else ""
    wrong = count(
        len(verdict.faults),
        "object of this package is not as it should be",
        "objects of this package are not as they should be",
    )
    raise NotAsExpected(
        f"the portal is at {verdict.head}, but {wrong}:\n  " + "\n  ".join(verdict.faults[:10]) + more,
        fix=f"kingston fingerprint --diff {verdict.head}; where that is meant: -x allow={ALLOWANCE}:reason",
        obj=verdict.head,
    )


def _differences(
    want: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, Mapping[str, Any]],
    theirs: Iterable[str] = (),
    *,
    exact: bool,
) -> Iterable[tuple[str, str]]:
    for name, attributes in want.items():
        if name not in found:
            yield f"missing: {name}", name
            continue
        if found[name] == attributes:
            continue
        for key in sorted(attributes.keys() | found[name].keys()):
            before, after = attributes.get(key), found[name].get(key)
            if key in TUNED or same(key, before, _as_ours(after, theirs)):
                continue
            told = f"changed: {message(name, key, want, found)}"
            yield told, name if exact or before is None or after is None else ""


def _as_ours(value: Any, theirs: Iterable[str]) -> Any:
    """A definition without the casts that it only has because a column of ``theirs`` is no plain text."""
    columns = "|".join(re.escape(name.rpartition(".")[2]) for name in theirs)
    if not columns or not isinstance(value, str):
        return value
    return re.sub(rf"\(((?:\w+\.)?(?:{columns}))\)::text", r"\1", value)


def _left_behind(side: psycopg.Connection[Any], names: Schemas, added: Sequence[str]) -> set[str]:
    """Objects of revisions that had been completed here: they are ours, and their downgrade should have taken them out."""
    makers = expected.made_by()
    if not any(name in makers for name in added) or not _exists(side, names, "@control@.journal"):
        return set()
    rows = side.execute(
        render(
            "SELECT DISTINCT revision FROM @control@.journal WHERE direction = 'up' AND status = 'completed'", names
        ).encode()
    )  # fmt: skip
    completed = {row[0] for row in rows} | {LEGACY}
    return {name for name in added if makers.get(name) in completed}


def _their_columns(side: psycopg.Connection[Any], names: Schemas) -> set[str]:
    """Columns of our names that were there before us."""
    if not _exists(side, names, "@control@.ledger"):
        return set()
    rows = side.execute(
        render("SELECT table_name, column_name FROM @control@.ledger WHERE pre_existing", names).encode()
    )
    return {f"column {table}.{column}" for table, column in rows}


def _exists(side: psycopg.Connection[Any], names: Schemas, relation: str) -> bool:
    row = side.execute("SELECT to_regclass(%s) IS NOT NULL", (render(relation, names),)).fetchone()
    return bool(row and row[0])
