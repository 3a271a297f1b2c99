"""Rows that something below happened to, one by one: live as predicted, or in quarantine with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import fate as fates
from .above import COMPUTED
from .case import NUMBERS, Case, Rows
from .differences import QUEUES, Difference
from .fate import OWNED, SECRET
from .rows import Kept, Row


def judge(
    case: Case, before: Rows, after: Rows, kept: Mapping[str, Mapping[str, list[Kept]]]
) -> Iterator[Difference]:
    """Every touched row; ``before``, ``after``: those rows by table and key, with all their columns."""
    for name in sorted(case.upper.keys() - QUEUES):
        if name in COMPUTED and name in case.lower:
            continue
        for key in sorted(case.touched(name)):
            yield from _row(
                case, name, key, before.get(name, {}).get(key), after.get(name, {}).get(key), kept
            )
    yield from _without_cause(case, kept)


def _row(
    case: Case,
    name: str,
    key: str,
    was: Row | None,
    now: Row | None,
    kept: Mapping[str, Mapping[str, list[Kept]]],
) -> Iterator[Difference]:
    entries = kept.get(name, {}).get(key, [])
    if key in case.fate.gone.get(name, ()):
        if now is not None:
            yield Difference(
                "up", "rows", name, "the row is live, though what it belongs to was deleted below", (key,)
            )
        for column, value in (was or {}).items():
            if value is not None and not _stands_below(case, name, column) and name not in COMPUTED:
                yield from _kept(case, name, key, column, value, entries)
        return
    if now is None:
        yield Difference("up", "rows", name, "the row is missing", (key,))
        return
    low = case.written.get(name, {}).get(key)
    for column, value in now.items():
        expected = _expected(case, name, key, column, was, low)
        if not _same(value, expected):
            yield Difference(
                "up", "value", f"{name}.{column}", "another value than the one written last", (key,)
            )
        before = was[column] if was is not None else None
        if before is not None and not _stands_below(case, name, column) and not _same(value, before):
            yield from _kept(case, name, key, column, before, entries)


def _stands_below(case: Case, name: str, column: str) -> bool:
    return name in case.lower and column in case.lower[name].columns


def _expected(case: Case, name: str, key: str, column: str, was: Row | None, low: Row | None) -> Any:
    if _stands_below(case, name, column):
        return low[column] if low is not None else was[column] if was is not None else None
    if (name, column) == OWNED:
        return fates.ownership(was[column] if was is not None else None, case.linked[key])
    if column in case.fate.emptied.get((name, key), ()):
        return None
    if (
        name == SECRET[0]
        and column in SECRET[1]
        and low is not None
        and "X" not in (low["phone_number"] or "")
    ):
        return None
    if was is None and low is not None and (name, column) == ("product_owners", "inception_date"):
        return low["created_at"]
    return was[column] if was is not None else None


def _same(one: Any, two: Any) -> bool:
    """Texts to the letter; a predicted document by what it says."""
    if isinstance(one, str) and isinstance(two, dict):
        return bool(fates.parsed(one) == two)
    return bool(one == two)


def _kept(
    case: Case, name: str, key: str, column: str, value: str, entries: list[Kept]
) -> Iterator[Difference]:
    found = [entry for entry in entries if entry.row.get(column) == value]
    if not found:
        yield Difference(
            "up", "lost", f"{name}.{column}", "a value is neither live nor in quarantine", (key,)
        )
        return
    reasons = case.fate.reasons.get((name, key), set())
    named = [
        e for e in found if e.reason.strip() and (" is gone from " not in e.reason or e.reason in reasons)
    ]
    if not named:
        told = f"in quarantine with the wrong reason: {found[0].reason or 'none'}"
        yield Difference("up", "quarantine", f"{name}.{column}", told, (key,))


def _without_cause(case: Case, kept: Mapping[str, Mapping[str, list[Kept]]]) -> Iterator[Difference]:
    for name, entries in sorted(kept.items()):
        keys = sorted(set(entries) - case.touched(name))
        if keys:
            told = f"{len(keys)} in quarantine, though nothing happened to them below"
            yield Difference("up", "quarantine", name, told, tuple(keys[:3]))


def numbers(case: Case, before: Rows, after: Rows) -> Iterator[Difference]:
    """A number typed below is added beside the archived first number, which stays as it was."""
    for name in NUMBERS if case.numbers else ():
        was, now = before.get(name, {}), after.get(name, {})
        for key in sorted(was):
            if was[key] != now.get(key):
                yield Difference("up", "value", name, "the archived row did not come back as it was", (key,))
        added = [row for key, row in now.items() if key not in was]
        if len(added) != 1 or added[0].get("is_primary") == "true":
            yield Difference(
                "up", "rows", name, f"{len(added)} added for one new number, beside a first number"
            )
