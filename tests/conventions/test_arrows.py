"""Arrows go one way: cli → operations → (ddl, catalog) → (models, sql, db, embedded) → settings, errors, wording."""

from __future__ import annotations

import ast

from conventions.history import PACKAGE

LEVELS = {
    "cli": 5, "operations": 4, "ddl": 3, "catalog": 3, "backup": 3, "models": 2, "crypto": 2, "sql": 2, "db": 2, "embedded": 1, "settings": 0, "errors": 0, "wording": 0,
    "__init__": -1,
}  # fmt: skip


def part_of(path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imported(path) -> set[str]:
    """Top-level parts of the package that a file imports, at module level or inside functions."""
    found = set()
    depth = len(path.relative_to(PACKAGE).parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level == depth:  # from .. import x, from ..db import y
                names = [node.module] if node.module else [alias.name for alias in node.names]
                found |= {str(name).split(".")[0] for name in names}
            elif node.level == 0 and (node.module or "").startswith("kingston_schema"):
                rest = (node.module or "").split(".")[1:]
                found |= {rest[0]} if rest else {alias.name for alias in node.names}
    return {name for name in found if name in LEVELS}


def test_every_part_has_its_level():
    parts = {part_of(path) for path in PACKAGE.rglob("*.py")}
    assert parts <= LEVELS.keys(), f"give these a level: {parts - LEVELS.keys()}"


def test_nothing_points_upwards():
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imported(path)
        if name != part_of(path) and LEVELS[name] > LEVELS[part_of(path)]
    ]
    assert wrong == []
