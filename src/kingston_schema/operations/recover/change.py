"""What a recovery would do to one row, or why it leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Change:
    """One row: ``action`` insert, update or delete; ``columns`` {name: (now, then)}; ``document``: the row to write.

    ``instead``: columns that get another value than they had then; ``lost`` says why.
    """

    table: str
    key: str
    action: str
    columns: dict[str, tuple[Any, Any]]
    document: str | None = field(default=None, repr=False)
    instead: dict[str, Any] = field(default_factory=dict)
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """One row that stays as it is although it was different then, and why."""

    table: str
    key: str
    why: str
