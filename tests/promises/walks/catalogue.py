"""Which tables and columns there are at each revision, and how they hang together.

Names come from the fingerprints that ship with the package, types and references from the models: a table that is
added to the schema is walked over without anybody naming it here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from kingston_schema.catalog import expected
from kingston_schema.models import metadata

REVISIONS = tuple(expected.revisions())
BELOW = dict(zip(REVISIONS[1:], REVISIONS, strict=False))
LEGACY, HEAD = REVISIONS[0], REVISIONS[-1]
_SERVER = 180000  # names do not depend on it


@dataclass(frozen=True)
class Reference:
    """A foreign key of one column; ``action`` is CASCADE, SET NULL, RESTRICT or NO ACTION."""

    column: str
    parent: str
    action: str


@cache
def columns(revision: str) -> Mapping[str, tuple[str, ...]]:
    """Table → its columns in order, at that revision."""
    found: dict[str, dict[int, str]] = {}
    for name, attributes in expected.expected(revision, _SERVER).objects.items():
        kind, _, rest = name.partition(" ")
        table, _, column = rest.partition(".")
        if kind == "column" and table in metadata.tables:
            found.setdefault(table, {})[int(attributes["position"])] = column
    return {table: tuple(places[place] for place in sorted(places)) for table, places in found.items()}


def place(revision: str) -> int:
    """Where a revision stands; ``legacy`` is 0."""
    return REVISIONS.index(revision)


@cache
def new_tables(revision: str) -> tuple[str, ...]:
    """Tables the revision makes, those that others refer to first."""
    below = columns(BELOW[revision])
    return tuple(
        table.name
        for table in metadata.sorted_tables
        if table.name in columns(revision) and table.name not in below
    )


@cache
def new_columns(revision: str) -> Mapping[str, tuple[str, ...]]:
    """Columns the revision adds to tables that were there before."""
    below = columns(BELOW[revision])
    added = {
        table: tuple(column for column in names if column not in below[table])
        for table, names in columns(revision).items()
        if table in below
    }
    return {table: names for table, names in added.items() if names}


@cache
def key(table: str) -> tuple[str, ...]:
    """The columns of the primary key."""
    return tuple(column.name for column in metadata.tables[table].primary_key)


@cache
def references(table: str) -> tuple[Reference, ...]:
    """What the table refers to, in the order of its columns."""
    return tuple(
        Reference(column.name, foreign.column.table.name, foreign.ondelete or "NO ACTION")
        for column in metadata.tables[table].columns
        for foreign in column.foreign_keys
    )


@cache
def children(table: str) -> tuple[tuple[str, Reference], ...]:
    """What refers to the table."""
    return tuple(
        (name, reference)
        for name in metadata.tables
        for reference in references(name)
        if reference.parent == table
    )


@cache
def always_generated(table: str) -> frozenset[str]:
    """Columns nobody may write: GENERATED ALWAYS, as identity or from other columns."""
    return frozenset(
        column.name
        for column in metadata.tables[table].columns
        if column.computed is not None or (column.identity is not None and column.identity.always)
    )


@cache
def indexed(table: str) -> frozenset[str]:
    """Columns in an index or key, which has no room for a very long text."""
    held = metadata.tables[table]
    found = {column.name for index in held.indexes for column in index.columns}
    for constraint in held.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            found |= {column.name for column in constraint.columns}
    return frozenset(found)


@cache
def rules(table: str) -> tuple[str, ...]:
    """The CHECK expressions of the models."""
    return tuple(
        " ".join(str(constraint.sqltext).split())
        for constraint in metadata.tables[table].constraints
        if isinstance(constraint, sa.CheckConstraint)
    )


@cache
def words(table: str, column: str) -> tuple[str, ...]:
    """The words a rule allows in the column; none: any."""
    for rule in rules(table):
        if found := re.fullmatch(rf"{column} IN \(([^()]*)\)", rule):
            return tuple(re.findall(r"'([^']*)'", found[1]))
    return ()


@cache
def bounds(table: str, column: str) -> tuple[int, int] | None:
    """The whole numbers a rule allows in the column."""
    for rule in rules(table):
        if found := re.fullmatch(rf"{column} BETWEEN (\d+) AND (\d+)", rule):
            return int(found[1]), int(found[2])
        if re.fullmatch(rf"{column} > 0", rule):
            return 1, 2**31 - 1
    return None


@cache
def not_negative(table: str, column: str) -> bool:
    """Whether a rule refuses negative amounts (and NaN) in the column."""
    return any(re.search(rf"\b{column} >= 0", rule) for rule in rules(table))


@cache
def not_blank(table: str, column: str) -> bool:
    """Whether a rule refuses blank texts in the column."""
    return any(re.search(rf"length\(btrim\({column}\)\) > 0", rule) for rule in rules(table))
