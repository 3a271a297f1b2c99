"""``op.restore_table_or``: bring a table back from the archive, or make it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from .registry import operation
from .sqltext import emit, literal, quote


@operation
def restore_table_or(operations: Any, name: str, *items: Any, comment: str | None = None) -> None:
    """Move table ``name`` back from the archive with its rows, or create it from ``items``.

    ``items`` are columns, constraints and indexes; foreign keys are added afterwards by
    ``op.add_foreign_key_online`` (a restored table may hold rows whose parent is gone).  A table that
    is already there (a repeated upgrade) is left as it is.
    """
    statements = _statements(name, items, comment)
    body = "\n".join(_indent(statement) for statement in statements)
    emit(
        operations,
        f"DO $kingston$\nBEGIN\n  IF NOT @control@.restore_table({literal(name)}) THEN\n{body}\n  END IF;\n"
        "END $kingston$",
    )


def _statements(name: str, items: tuple[Any, ...], comment: str | None) -> list[str]:
    """CREATE TABLE, CREATE INDEX and COMMENT statements of a table, as SQLAlchemy writes them."""
    dialect = postgresql.dialect(paramstyle="named")
    indexes = [item for item in items if isinstance(item, sa.Index)]
    table = sa.Table(name, sa.MetaData(), *[i for i in items if not isinstance(i, sa.Index)])
    statements = [str(CreateTable(table).compile(dialect=dialect)).strip() + ";"]
    for index in indexes:
        table.append_constraint(index) if index.table is None else None
        statements.append(str(CreateIndex(index).compile(dialect=dialect)) + ";")
    if comment:
        statements.append(f"COMMENT ON TABLE {quote(name)} IS {literal(comment)};")
    statements += [
        f"COMMENT ON COLUMN {quote(name)}.{quote(column.name)} IS {literal(column.comment)};"
        for column in table.columns
        if column.comment
    ]
    return statements


def _indent(text: str) -> str:
    return "\n".join("    " + line.rstrip() for line in text.replace("\t", "  ").splitlines() if line.strip())
