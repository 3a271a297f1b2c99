"""Which tables, columns, keys and references a schema has right now; read from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from . import units

WHOLE = ("smallint", "integer", "bigint")


@dataclass(frozen=True)
class Reference:
    """A foreign key of one column; ``action`` as pg_constraint has it; ``optional``: the column may be NULL."""

    column: str
    parent: str
    action: str
    optional: bool

    @property
    def takes_along(self) -> bool:
        """Whether the row cannot stay when its parent goes: it goes along, or waits in quarantine."""
        return self.action == "c" or (self.action in "ra" and not self.optional)


@dataclass(frozen=True)
class Table:
    """``columns``: name → type, in order; ``key``: the primary key, all columns where there is none."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    references: tuple[Reference, ...]
    given: frozenset[str]

    @property
    def numbered(self) -> bool:
        """Whether the key is one whole number."""
        return len(self.key) == 1 and self.columns[self.key[0]] in WHOLE

    def key_text(self) -> sql.Composable:
        """The key of row ``t`` as text."""
        names = [sql.SQL("t.{}").format(sql.Identifier(name)) for name in self.key]
        if len(names) == 1:
            return sql.SQL("{}::text").format(names[0])
        return sql.SQL("ROW({})::text").format(sql.SQL(", ").join(names))

    def among(self, column: str = "") -> sql.Composable:
        """A condition with one parameter, a list of texts: the key (or ``column``) of row ``t`` is one of them."""
        if not column and len(self.key) > 1:
            return sql.SQL("{} = ANY (%s::text[])").format(self.key_text())
        name = column or self.key[0]
        kind = sql.SQL(self.columns[name])  # format_type() wrote it
        return sql.SQL("t.{} = ANY (%s::text[]::{}[])").format(sql.Identifier(name), kind)


Shape = Mapping[str, Table]


def read(connection: psycopg.Connection[Any], schema: str) -> dict[str, Table]:
    """Every table of ``schema`` but alembic_version."""
    found = connection.execute(units.text("shape.sql").encode(), {"schema": schema})
    return {name: _table(name, columns, key, refs) for name, columns, key, refs in found}


def _table(name: str, columns: Any, key: Any, refs: Any) -> Table:
    ordered = sorted(columns, key=lambda column: columns[column]["place"])
    return Table(
        name=name,
        columns={column: columns[column]["type"] for column in ordered},
        key=tuple(key or ordered),
        references=tuple(
            Reference(r["column"], r["parent"], r["action"], not columns[r["column"]]["must"])
            for r in refs or ()
        ),
        given=frozenset(column for column in ordered if columns[column]["given"]),
    )


def has(shape: Shape, name: str) -> bool:
    """Whether there is a table, or a table.column, of that name."""
    table, _, column = name.partition(".")
    return table in shape and (not column or column in shape[table].columns)


def parents_first(shape: Shape) -> list[str]:
    """The tables in an order in which each comes after those it refers to."""
    ordered: list[str] = []

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in ordered or name in above:
            return
        for reference in shape[name].references:
            add(reference.parent, (*above, name))
        ordered.append(name)

    for name in shape:
        add(name, ())
    return ordered
