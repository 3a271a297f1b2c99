"""The schema of a revision as a picture (SVG) and as Mermaid text; legacy and Phase 2 told apart.  No database needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog import expected, history
from ..ddl.preflight import LEGACY_TABLES
from . import _drawing

_KEY = re.compile(
    r"FOREIGN KEY \(([^)]+)\) REFERENCES (\w+)\(([^)]+)\)(?: ON DELETE (CASCADE|SET NULL|RESTRICT))?"
)
_PRIMARY = re.compile(r"PRIMARY KEY \(([^)]+)\)")


@dataclass(frozen=True)
class Column:
    """One column; ``new``: Phase 2 added it to a table of Phase 1."""

    name: str
    type: str
    key: bool
    new: bool


@dataclass(frozen=True)
class Table:
    """One table; ``phase``: legacy, or the phase that made it."""

    name: str
    phase: str
    columns: tuple[Column, ...]
    comment: str


@dataclass(frozen=True)
class Link:
    """One foreign key."""

    table: str
    column: str
    target: str
    on_delete: str


@dataclass(frozen=True)
class Report:
    """What ``kingston diagram`` draws, and the drawing."""

    revision: str
    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    text: str


def run(revision: str = "head", *, mermaid: bool = False) -> Report:
    """The schema as ``revision`` is, from the fingerprints that ship.  Raises UsageError for an unknown revision."""
    order = history.names()
    at = order[max(history.target_position(revision, None), 1) - 1]
    objects = expected.expected(at, 180000).objects
    tables = tuple(_table(name, objects, at) for name in _names(objects))
    links = tuple(_links(objects))
    text = _mermaid(tables, links) if mermaid else _drawing.svg(tables, links, at)
    return Report(at, tables, links, text)


def _names(objects: Mapping[str, Any]) -> list[str]:
    return [name.removeprefix("table ") for name in objects if name.startswith("table ")]


def _table(name: str, objects: Mapping[str, Any], at: str) -> Table:
    before = expected.expected("legacy", 180000).objects
    found = [
        _PRIMARY.search(value["definition"])
        for key, value in objects.items()
        if key.startswith(f"constraint {name}.")
    ]
    keys = {column for match in found if match for column in re.split(r",\s*", match.group(1))}
    columns = sorted(
        (
            (key.split(".", 1)[1], value)
            for key, value in objects.items()
            if key.startswith(f"column {name}.")
        ),
        key=lambda pair: int(pair[1]["position"]),
    )
    legacy = name in LEGACY_TABLES
    return Table(
        name,
        "legacy" if legacy else _phase(name, at),
        tuple(
            Column(c, v["type"], c in keys, legacy and f"column {name}.{c}" not in before) for c, v in columns
        ),
        str(objects[f"table {name}"].get("comment", "")),
    )


def _phase(name: str, at: str) -> str:
    """The phase of the first revision that has the table."""
    for step in history.steps():
        if f"table {name}" in expected.expected(step.revision, 180000).objects:
            return step.phase
    return at


def _links(objects: Mapping[str, Any]) -> list[Link]:
    found = []
    for key, value in objects.items():
        match = _KEY.search(value["definition"]) if key.startswith("constraint ") else None
        if match:
            table = key.removeprefix("constraint ").split(".", 1)[0]
            found.append(Link(table, match.group(1), match.group(2), match.group(4) or "NO ACTION"))
    return found


def _mermaid(tables: tuple[Table, ...], links: tuple[Link, ...]) -> str:
    lines = ["erDiagram"]
    for table in tables:
        lines.append(f"    {table.name} {{")
        for column in table.columns:
            kind = re.sub(r"\W+", "_", column.type).strip("_")
            marks = (" PK" if column.key else "") + (' "Phase 2"' if column.new else "")
            lines.append(f"        {kind} {column.name}{marks}")
        lines.append("    }")
    lines += [f'    {link.target} ||--o{{ {link.table} : "{link.column}"' for link in links]
    return "\n".join(lines) + "\n"
