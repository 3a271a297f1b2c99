"""What a recovery shows and asks: the difference, the question, what was done."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ...operations.recover.carrying import Report
from ...operations.recover.change import Change
from ...wording import count
from ..driver import Call
from ..render import Result, table

WIDTH = 36  # characters of one value on the screen; --json has them whole
SECRET = ("security_word", "security_words", "notes", "private_notes", "sensitive_data", "phone_number")
_PAST = {"insert": "put back", "update": "changed back", "delete": "taken out"}


Shown = tuple[Change, ...] | None


def carried(call: Call, go: Callable[[bool, Shown], Report], question: str, yes: bool, dry_run: bool) -> Result:
    """Show what ``go`` (with True: only plan) would do, ask, and have exactly that done."""
    shown: Shown = None
    if dry_run or not yes:
        planned = go(True, None)
        if dry_run or not planned.changes:
            return Result(planned, [*view_of(planned), closing(planned)])
        for part in view_of(planned):
            call.say(part)
        call.confirm(f"{question} ({counts(planned)})?", yes)
        shown = planned.changes
    done = go(False, shown)
    return Result(done, [*(view_of(done) if yes else []), closing(done)])


def view_of(report: Report) -> list[Any]:
    """The changes and what is left, for the screen."""
    view: list[Any] = []
    if report.changes:
        rows = [
            (
                change.action,
                f"{change.table}/{_key(change.key)}",
                ", ".join(_column(change.action, name, *values) for name, values in change.columns.items()),
                "; ".join(change.lost),
            )
            for change in report.changes
        ]
        view.append(table(("", "row", "changes", "not as it was"), rows))
    if report.left:
        view += ["", "left as they are:"]
        view += [f"  {left.table}/{_key(left.key)}: {left.why}" for left in report.left]
    return view


def closing(report: Report) -> str:
    """The last line: what came of it, and the way back."""
    if not report.changes:
        return "nothing to change"
    if report.dry_run:
        return f"would be {counts(report)}; nothing was changed"
    return (
        f"recovery {report.id}: {counts(report)}; {count(report.others, 'row')} of others in the same tables"
        f" are as they were (counted and hashed before and after)\nback again: kingston recover undo {report.id}"
    )


def counts(report: Report) -> str:
    """Rows put back, changed back and taken out."""
    numbers = {word: sum(change.action == word for change in report.changes) for word in _PAST}
    return ", ".join(f"{count(n, 'row')} {_PAST[word]}" for word, n in numbers.items() if n)


def _column(action: str, name: str, now: Any, then: Any) -> str:
    shown = "…" if name in SECRET else None
    if action == "update":
        return f"{name}: {shown or _short(now)} → {shown or _short(then)}"
    return f"{name}={shown or _short(then if action == 'insert' else now)}"


def _short(value: Any) -> str:
    # Numbers to fifteen digits here, exact in --json.
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, default=float)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _key(key: str) -> str:
    return ",".join(str(value) for value in json.loads(key).values())
