"""Foreign keys between tables, as recovery needs them: the order of writing, missing parents, children in the way."""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

import psycopg
from psycopg import sql

_KEYS = """
SELECT c.relname, a.attname, a.attnotnull, p.relname, b.attname
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid JOIN pg_class AS p ON p.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND c.relnamespace = to_regnamespace(quote_ident(%s))
"""


@dataclass(frozen=True)
class ForeignKey:
    """``child.column`` refers to ``parent.target``; ``required``: the column takes no NULL."""

    child: str
    column: str
    required: bool
    parent: str
    target: str

    def exists(self, connection: psycopg.Connection[Any], value: Any) -> bool:
        """Whether the row it would refer to is there."""
        row = connection.execute(
            sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE {} = %s)").format(
                sql.Identifier(self.parent), sql.Identifier(self.target)
            ),
            (value,),
        ).fetchone()
        return bool(row and row[0])

    def children(self, connection: psycopg.Connection[Any], value: Any) -> list[str]:
        """The rows that refer to ``value``, as JSON."""
        rows = connection.execute(
            sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} = %s").format(
                sql.Identifier(self.child), sql.Identifier(self.column)
            ),
            (value,),
        ).fetchall()
        return [row[0] for row in rows]


def read(connection: psycopg.Connection[Any], schema: str) -> list[ForeignKey]:
    """Every foreign key of one column in the schema."""
    return [ForeignKey(*row) for row in connection.execute(_KEYS.encode(), (schema,))]


def parents_first(names: list[str], keys: list[ForeignKey]) -> list[str]:
    """The tables in an order in which each comes after those it refers to."""
    graph: dict[str, set[str]] = {name: set() for name in sorted(names)}
    for key in keys:
        if key.child in graph and key.parent in graph and key.child != key.parent:
            graph[key.child].add(key.parent)
    return list(TopologicalSorter(graph).static_order())
