"""The tables whose rows are recorded: as their triggers say it, and as this version says they should."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from ...catalog import history
from ...ddl.sqltext import parse, render
from ...settings import Schemas, history_folder

_TRIGGERS = """
SELECT c.relname, min(encode(t.tgargs, 'escape')), array_agg(t.tgname::text) FILTER (WHERE t.tgenabled IN ('O', 'A')),
       array_agg(t.tgname::text) FILTER (WHERE t.tgenabled = 'A')
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE t.tgfoid = to_regproc(format('%%I.record_row_history', %(schema)s::text)) AND NOT t.tgisinternal
  AND c.relnamespace = to_regnamespace(quote_ident(%(schema)s))
GROUP BY c.relname ORDER BY c.relname
"""
EVENTS = ("history_insert", "history_update", "history_delete", "history_truncate")


@dataclass(frozen=True)
class Tracked:
    """One table with history.  ``name``: its logical name; ``group``: the column that names the client group, or empty.

    ``on`` and ``always``: which of its triggers fire at all, and in replicated sessions too.
    """

    table: str
    name: str
    key: tuple[str, ...]
    group: str
    sensitive: tuple[str, ...]
    on: tuple[str, ...]
    always: tuple[str, ...]

    def row_key(self, alias: str) -> sql.Composable:
        """Its primary key as the history writes it."""
        parts: list[sql.Composable] = []
        for column in self.key:
            parts += [sql.Literal(column), sql.Identifier(alias, column)]
        return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(parts))


def read(connection: psycopg.Connection[Any], names: Schemas) -> dict[str, Tracked]:
    """{logical name: table} of every table that has at least one of the triggers."""
    found: dict[str, Tracked] = {}
    for table, packed, on, always in connection.execute(_TRIGGERS.encode(), {"schema": names.application}):
        name, key, group, sensitive = packed.split("\\000")[:4]
        found[name] = Tracked(
            table=table, name=name, key=tuple(key.split(",")), group=group,
            sensitive=tuple(part for part in sensitive.split(",") if part),
            on=tuple(sorted(on or ())), always=tuple(sorted(always or ())),
        )  # fmt: skip
    return found


def numbered() -> dict[str, str]:
    """{number of its file: revision}: frozen copies of SQL are named after the number."""
    return {
        path.name.split("_", 1)[0]: path.stem.split("_", 1)[1]
        for path in (history_folder() / "versions").glob("[0-9]*_*.py")
    }


def expected(revision: str | None) -> dict[str, str]:
    """{table: revision whose triggers record it} at ``revision``."""
    at, revisions = history.position(revision), numbered()
    made: dict[str, str] = {}
    for path in sorted((history_folder() / "sql").glob("history_*/*.sql")):
        by = revisions[path.stem]
        if history.position(by) <= at:
            made.setdefault(parse(path.read_text(encoding="utf-8"), path).table, by)
    return made


def beginnings(
    connection: psycopg.Connection[Any], names: Schemas, revision: str | None
) -> dict[str, datetime | None]:
    """{table: since when, without a break, its rows are recorded}; None where no run of the migration is on record."""
    made = expected(revision)
    rows = connection.execute(
        render(
            "SELECT j.revision, max(j.finished_at) FROM @control@.journal AS j WHERE j.direction = 'up'"
            " AND j.status = 'completed' AND j.revision = ANY (%s) GROUP BY j.revision",
            names,
        ).encode(),
        (sorted(set(made.values())),),
    ).fetchall()
    at = dict(rows)
    return {table: at.get(by) for table, by in made.items()}
