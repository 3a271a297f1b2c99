"""The Alembic plugin: the operations that revisions call (design section 6).

Loaded by Alembic through the entry point ``alembic.plugins``.  Each operation stands in a module of
its own, is registered on ``op`` under its own name, emits the same SQL online and with ``--sql``, and
may be repeated after a crash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.runtime.plugins import Plugin

OPERATIONS = (
    "archive",
    "backfill",
    "checks",
    "columns",
    "control",
    "foreign_keys",
    "gate",
    "indexes",
    "legacy",
    "locks",
    "not_null",
    "objects",
    "roles",
    "tables",
)


def setup(plugin: Plugin) -> None:
    """Register every operation and the comparison of functions, triggers and views (called by Alembic)."""
    from importlib import import_module

    for module in OPERATIONS:
        import_module(f"{__name__}.{module}")
    import_module(f"{__name__}.compare").register(plugin)
