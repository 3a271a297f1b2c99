"""``kingston audit verify``: is the history whole, unchanged, and does it explain every row?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from ... import db
from ...catalog import portal
from ...settings import schemas
from . import chain, gaps, guards, tracked, trail
from .chain import Seal

SHOWN = 10  # numbers of lines that are named in one message


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: ``kind`` seal, export, trigger or gap."""

    kind: str
    object: str
    message: str


@dataclass(frozen=True)
class Report:
    """What was looked at and what is wrong.  ``unrecorded``: gaps from times when no revision recorded rows."""

    lines: int
    sealed: int
    seals: int
    tables: tuple[str, ...]
    faults: tuple[Fault, ...]
    unrecorded: tuple[str, ...]


def run(url: str, schema: str | None = None, *, against: Path | None = None) -> Report:
    """Check every seal (and an exported copy), the triggers, and rows against lines, from one snapshot; reads only.

    Raises RefusedError below phase_2_audit, UsageError for a file that holds no seals.
    """
    names = schemas(schema)
    exported = chain.load(against) if against is not None else []
    with db.connect(url, names.application) as connection, db.plain_errors(url):
        trail.require(connection, names)
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            trail.print_plainly(connection)
            revision = portal.recorded(connection, names)
            seals = chain.read(connection, names)
            faults = _seals(connection, seals) + _exported(seals, exported)
            recorded = tracked.read(connection, names)
            off = gaps.switched_off(recorded, tracked.expected(revision))
            off += guards.switched_off(connection, names, revision)
            faults += [Fault("trigger", table, f"{table}: {what}") for table, what in off]
            begun = tracked.beginnings(connection, names, revision)
            found = [gap for t in recorded.values() for gap in gaps.find(connection, t, begun.get(t.table))]
            row = connection.execute("SELECT count(*) FROM row_history").fetchone()
    faults += [Fault("gap", gap.table, gap.words) for gap in found if not gap.unrecorded]
    return Report(
        lines=int(row[0]) if row else 0,
        sealed=sum(seal.lines for seal in seals),
        seals=len(seals),
        tables=tuple(sorted(recorded)),
        faults=tuple(faults),
        unrecorded=tuple(gap.words for gap in found if gap.unrecorded),
    )


def _seals(connection: psycopg.Connection[Any], seals: list[Seal]) -> list[Fault]:
    faults, before, last = [], "", 0
    for number, seal in enumerate(seals, start=1):
        name = f"seal {seal.number}"
        if seal.number != number or seal.first_id != last + 1:
            faults.append(Fault("seal", name, f"{name} does not follow the one before: a seal is missing"))
            return faults
        if not seal.follows(before):
            faults.append(
                Fault("seal", name, f"{name} was changed: its chain value is not what it should be")
            )
        lines, digest = chain.measure(connection, seal.first_id, seal.last_id)
        where = f"lines {seal.first_id:,} to {seal.last_id:,} of row_history"
        if lines < seal.lines:
            absent = f"; numbers not there: {_absent(connection, seal)}"
            faults.append(
                Fault("seal", name, f"{where}: {seal.lines - lines} of {seal.lines} are missing{absent}")
            )
        elif lines > seal.lines:
            faults.append(Fault("seal", name, f"{where}: {lines - seal.lines} were slipped in after {name}"))
        elif digest != seal.digest:
            faults.append(Fault("seal", name, f"{where}: a line was changed after {name}"))
        before, last = seal.chain, seal.last_id
    return faults


def _absent(connection: psycopg.Connection[Any], seal: Seal) -> str:
    rows = connection.execute(
        "SELECT n FROM generate_series(%s::bigint, %s::bigint) AS n"
        " WHERE NOT EXISTS (SELECT 1 FROM row_history AS h WHERE h.id = n) ORDER BY n LIMIT %s",
        (seal.first_id, seal.last_id, SHOWN + 1),
    ).fetchall()
    more = ", …" if len(rows) > SHOWN else ""
    return ", ".join(str(row[0]) for row in rows[:SHOWN]) + more


def _exported(seals: list[Seal], exported: list[Seal]) -> list[Fault]:
    for held, copy in zip(seals, exported, strict=False):
        if held != copy:
            return [
                Fault("export", f"seal {copy.number}", f"seal {copy.number} is not the one that was exported")
            ]
    if len(exported) > len(seals):
        return [
            Fault(
                "export", "row_history_seal",
                f"{len(exported)} seals were exported, {len(seals)} are left",
            )
        ]  # fmt: skip
    return []
