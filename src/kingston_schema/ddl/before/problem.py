"""What stands in the way of a move, and what puts it right."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """``what`` is in the way; ``fix``: what to do about it, as a command where there is one."""

    what: str
    fix: str
