"""The triggers on the audit tables themselves: append-only, and those that feed the compliance logs from the history."""

from __future__ import annotations

from typing import Any

import psycopg

from ...catalog import history
from ...ddl.sqltext import parse
from ...settings import Schemas, history_folder
from .tracked import numbered

FILES = ("audit_*/*.sql", "*_append_only/*.sql")
_FOUND = (
    "SELECT c.relname, t.tgname, t.tgenabled::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid"
    " WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND NOT t.tgisinternal"
)


def expected(revision: str | None) -> set[tuple[str, str]]:
    """(table, trigger) that there should be at ``revision``."""
    at, revisions = history.position(revision), numbered()
    made = set()
    for path in (path for pattern in FILES for path in (history_folder() / "sql").glob(pattern)):
        found = parse(path.read_text(encoding="utf-8"), path)
        if found.kind == "trigger" and history.position(revisions[path.stem]) <= at:
            made.add((found.table, found.identity))
    return made


def switched_off(
    connection: psycopg.Connection[Any], names: Schemas, revision: str | None
) -> list[tuple[str, str]]:
    """(table, what is wrong) of those that are missing, off, or off in replicated sessions."""
    found = {(table, name): on for table, name, on in connection.execute(_FOUND, (names.application,))}
    wrong = []
    for table, name in sorted(expected(revision)):
        on = found.get((table, name))
        if on not in ("O", "A"):
            wrong.append((table, f"trigger {name} is missing or switched off"))
        elif on == "O":
            wrong.append((table, f"trigger {name} is off under session_replication_role = replica"))
    return wrong
