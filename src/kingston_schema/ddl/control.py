"""``op.create_control_schema``: the two schemas of our own beside the application schema."""

from __future__ import annotations

from typing import Any

from .registry import operation
from .sqltext import emit

_COMMENTS = {
    "control": "Kingston Schema: bookkeeping of the portal in schema @schema@",
    "archive": "Kingston Schema: rows and values that a downgrade took out of schema @schema@",
}

_MAKE = """DO $kingston$ BEGIN
  IF to_regnamespace('@{name}@') IS NULL THEN
    CREATE SCHEMA @{name}@;
  END IF;
  IF obj_description(to_regnamespace('@{name}@'), 'pg_namespace') IS NULL THEN
    COMMENT ON SCHEMA @{name}@ IS '{comment}';
  END IF;
END $kingston$;"""


@operation
def create_control_schema(operations: Any) -> None:
    """Make the control and the archive schema; they stay through every downgrade.

    Where they are there, nobody needs the right to make schemas, nor to own them.
    """
    emit(operations, "\n".join(_MAKE.format(name=name, comment=comment) for name, comment in _COMMENTS.items()))
