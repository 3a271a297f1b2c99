"""The chain of events: every number, every link, every hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from ...ddl.events import Told
from ...ddl.sqltext import render
from ...settings import Schemas

FIRST = "0" * 64
_EVENTS = (
    "SELECT e.id, e.at, e.event, e.subject, e.previous, e.hash, @control@.event_hash(e)"
    " FROM @control@.event_log AS e ORDER BY e.id"
)


@dataclass(frozen=True)
class Walked:
    """``faults``: the first break of the chain, and a head that is not in it."""

    events: int
    head: str | None
    since_head: int | None
    faults: tuple[Told, ...]


def walk(connection: psycopg.Connection[Any], names: Schemas, wanted: str = "") -> Walked:
    """From the first event to the last; every hash is computed again."""
    rows = connection.execute(render(_EVENTS, names).encode()).fetchall()
    broken: Told | None = None
    number, last = 0, FIRST
    at = None
    for position, (found, when, event, subject, previous, noted, computed) in enumerate(rows, start=1):
        if wanted and noted.startswith(wanted):
            at = position
        if broken is None:
            said = f"{event} {subject or ''}".strip() + f" of {when:%Y-%m-%d %H:%M:%S %Z}"
            broken = _judge(number, found, said, previous == last, noted == computed)
        number, last = found, noted
    faults = [broken] if broken else []
    if wanted and at is None:
        faults.append(
            Told("head", wanted, f"no event has the hash {wanted}: the log was cut off or written anew since it was noted",
                 "compare with the log of a checkpoint from before")
        )  # fmt: skip
    since = None if at is None else len(rows) - at
    return Walked(len(rows), rows[-1][5] if rows else None, since, tuple(faults))


def _judge(before: int, number: int, said: str, linked: bool, intact: bool) -> Told | None:
    fix = "compare with the log of a checkpoint from before"
    if number != before + 1:
        gone = number - before - 1
        first = f"event {before + 1}" if gone == 1 else f"events {before + 1} to {number - 1}"
        verb = "is" if gone == 1 else "are"
        return Told(
            "event_missing", str(before + 1), f"{first} {verb} missing before event {number} ({said})", fix
        )
    if linked and intact:
        return None
    if linked:
        told = f"event {number} ({said}) was edited: its hash is not that of its text"
        return Told("event_edited", str(number), told, fix)
    if not intact:
        told = f"event {number} ({said}) was inserted: it does not follow from the one before"
        return Told("event_inserted", str(number), told, fix)
    if not before:
        return Told(
            "event_missing", "1", f"event 1 ({said}) is not the first: what was before it is missing", fix
        )
    told = f"event {before} was edited or put in the place of another: event {number} ({said}) does not follow from it"
    return Told("event_edited", str(before), told, fix)
