"""``op.create_control_schema``: the two schemas of our own beside the application schema."""

from __future__ import annotations

from typing import Any

from .registry import operation
from .sqltext import emit


@operation
def create_control_schema(operations: Any) -> None:
    """Make the control and the archive schema; they stay through every downgrade."""
    emit(
        operations,
        "CREATE SCHEMA IF NOT EXISTS @control@;\n"
        "CREATE SCHEMA IF NOT EXISTS @archive@;\n"
        "COMMENT ON SCHEMA @control@ IS 'Kingston Schema: bookkeeping of the portal in schema @schema@';\n"
        "COMMENT ON SCHEMA @archive@ IS 'Kingston Schema: rows and values that a downgrade took out of schema @schema@';",
    )
