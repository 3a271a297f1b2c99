"""Attributes of an index put right, without blocking writers."""

from __future__ import annotations

from typing import Any

from ..names import Objects, quote, sql_name


def concurrently(definition: str) -> str:
    """The definition as a statement that builds beside writers."""
    return definition.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)


def statement(key: str, attribute: str, was: Any, now: Any, should: Objects) -> str:
    """SQL that makes ``attribute`` of the index what it was."""
    name, table = sql_name(key), quote(str(should[key]["table"]))
    match attribute:
        case "invalid" if now:
            return f"REINDEX INDEX CONCURRENTLY {name};"
        case "definition":
            return f"DROP INDEX CONCURRENTLY {name}; {concurrently(was)};"
        case "clustered" if now:
            return f"ALTER TABLE {table} SET WITHOUT CLUSTER;"
        case "clustered":
            return f"ALTER TABLE {table} CLUSTER ON {name};"
        case "replica identity" if was:
            return f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name};"
        case "tablespace":
            return f"ALTER INDEX {name} SET TABLESPACE {quote(was or 'pg_default')};"
        case "statistics targets":
            targets = dict.fromkeys(now or {}, -1) | (was or {})
            return " ".join(
                f"ALTER INDEX {name} ALTER COLUMN {n} SET STATISTICS {v};" for n, v in targets.items()
            )
    return ""
