"""Where two texts differ, short enough for one line."""

from __future__ import annotations

import difflib
from itertools import zip_longest

from .canonical import canonical

WIDTH = 90


def difference(noun: str, was: str | None, now: str | None, *, exact: bool = True) -> str:
    """``body differs at line 7: "RETURN x + 2;", should be "RETURN x + 1;"`` and how many lines differ in all.

    ``exact`` is for source; without it, a line that PostgreSQL only prints differently is passed over.
    """
    before, after = (was or "").splitlines(), (now or "").splitlines()
    unlike = [n for n, (b, a) in enumerate(zip_longest(before, after)) if b != a]
    if not unlike:
        return f"{noun} differs in the space at its end only"
    real = unlike if exact else [n for n in unlike if _code(before, n) != _code(after, n)]
    at = (real or unlike)[0]
    wanted, found = pair(_shown(before, at), _shown(after, at))
    if wanted == found:
        return f"{noun} differs at line {at + 1}, in space only: {found}"
    changed = _changed(before, after)
    more = f" ({changed} lines differ)" if changed > 1 else ""
    return f"{noun} differs at line {at + 1}: {found}, should be {wanted}{more}"


def pair(was: str, now: str) -> tuple[str, str]:
    """Both in one line each, cut around the place where they begin to differ."""
    was, now = (" ".join(text.split()) for text in (was, now))
    if max(len(was), len(now)) <= WIDTH:
        return was, now
    same = next(
        (n for n, (a, b) in enumerate(zip(was, now, strict=False)) if a != b), min(len(was), len(now))
    )
    start = max(0, same - WIDTH // 3)
    return _cut(was, start), _cut(now, start)


def _cut(text: str, start: int) -> str:
    end = start + WIDTH
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


def _shown(lines: list[str], at: int) -> str:
    return f'"{lines[at].strip()}"' if at < len(lines) else "(no such line)"


def _code(lines: list[str], at: int) -> str | None:
    return canonical(lines[at]) if at < len(lines) else None


def _changed(before: list[str], after: list[str]) -> int:
    """How many lines were changed, added or taken out."""
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in blocks if tag != "equal")
