"""``alembic check`` for what SQLAlchemy does not model: functions, triggers and views, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.runtime.plugins import Plugin


def register(plugin: Plugin) -> None:
    """Hang the comparison on Alembic's autogenerate."""
