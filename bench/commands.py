"""What a developer waits for: everything on an empty database, and where a database is."""

from __future__ import annotations

from typing import Any

from . import runs
from .databases import Databases
from .figures import spread

TIMES = 7


def measure(databases: Databases, size: int) -> dict[str, Any]:
    """Seconds of ``alembic upgrade head`` on an empty database and of ``alembic current``, start of Python included."""
    up, current = [], []
    for _ in range(TIMES):
        with databases.empty() as url:
            up.append(runs.alembic(url, "upgrade", "head"))
            current.append(runs.alembic(url, "current"))
    return {
        "upgrade_head_empty": spread([ran.seconds for ran in up]),
        "current": spread([ran.seconds for ran in current]),
        "memory_mb": round(max(ran.memory_mb for ran in up), 1),
    }
