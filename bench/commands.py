"""What a developer waits for: everything on an empty database, and where a database is."""

from __future__ import annotations

from typing import Any

from . import runs
from .databases import Databases
from .figures import spread

TIMES = 7
TIMES_DOWN = 3


def measure(databases: Databases, size: int) -> dict[str, Any]:
    """Seconds of ``alembic upgrade head`` on an empty database and of ``alembic current``, start of Python included, and of each revision."""
    up, current, down = [], [], []
    for turn in range(TIMES):
        with databases.empty() as url:
            up.append(runs.alembic(url, "upgrade", "head"))
            current.append(runs.alembic(url, "current"))
            if turn < TIMES_DOWN:
                down.append(runs.alembic(url, "downgrade", "legacy"))
    return {
        "upgrade_head_empty": spread([ran.seconds for ran in up]),
        "current": spread([ran.seconds for ran in current]),
        "up": {"revisions": runs.medians(up)},
        "down": {"revisions": runs.medians(down)},
        "memory_mb": round(max(ran.memory_mb for ran in up), 1),
    }
