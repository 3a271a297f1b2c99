"""The history as data: revisions with their syntax trees, frozen SQL, current SQL."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kingston_schema import settings
from kingston_schema.ddl.sqltext import SqlObject, parse

ROOT = settings.checkout()
PACKAGE = ROOT / "src" / "kingston_schema"
CURRENT_KINDS = ("functions", "triggers", "views", "gates", "seeds", "control")


@dataclass(frozen=True)
class RevisionFile:
    """One file of alembic/versions."""

    path: Path

    @property
    def number(self) -> str:
        return self.path.stem.split("_", 1)[0]

    @property
    def name(self) -> str:
        return self.path.stem.split("_", 1)[1]

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    def value(self, variable: str) -> object:
        """The literal assigned to a module variable."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == variable:
                return ast.literal_eval(node.value)
        raise KeyError(variable)

    def calls(self, function: str) -> list[tuple[str, list[object]]]:
        """(operation, literal arguments) of every ``op.…`` call in upgrade or downgrade, loops unrolled."""
        body = next(n for n in self.tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
        found: list[tuple[str, list[object]]] = []
        for node in body.body:
            found += self._calls_in(node, {})
        return found

    def _calls_in(self, node: ast.AST, names: dict[str, object]) -> list[tuple[str, list[object]]]:
        if isinstance(node, ast.For):
            values = self._evaluate(node.iter, names)
            if values is None and isinstance(
                node.target, ast.Tuple
            ):  # over something computed, for other things
                values = [None]
            assert values is not None, f"{self.path.name}: loop over names that stand in the file"
            return [
                call
                for value in values  # type: ignore[attr-defined]
                for inner in node.body
                for call in self._calls_in(inner, {**names, **_bound(node.target, value)})
            ]
        if isinstance(node, ast.With):
            parts = [*(item.context_expr for item in node.items), *node.body]
            return [call for part in parts for call in self._calls_in(part, names)]
        found = []
        for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
            target = call.func
            if (
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == "op"
            ):
                found.append((target.attr, [self._evaluate(a, names) for a in call.args]))
            elif isinstance(target, ast.Name):
                helper = next(
                    (n for n in self.tree.body if isinstance(n, ast.FunctionDef) and n.name == target.id),
                    None,
                )
                if helper is not None:
                    for inner in helper.body:
                        found += self._calls_in(inner, {})
        return found

    def _assigned(self, variable: str) -> object:
        """What a module variable holds, as far as it is made of literals and other such variables."""
        for node in self.tree.body:
            if isinstance(node, ast.Assign):
                bound = _bound(node.targets[0], node.value)
                if variable in bound:
                    return self._evaluate(bound[variable], {})  # type: ignore[arg-type]
        return None

    def _evaluate(self, node: ast.AST, names: dict[str, object]) -> object:
        if isinstance(node, ast.Name) and node.id in names:
            return names[node.id]
        if isinstance(node, ast.Name):
            return self._assigned(node.id)
        if isinstance(node, ast.Tuple | ast.List):
            items = [
                self._evaluate(item.value if isinstance(item, ast.Starred) else item, names)
                for item in node.elts
            ]
            return [
                value
                for item, node_ in zip(items, node.elts, strict=True)
                for value in (item if isinstance(node_, ast.Starred) else [item])  # type: ignore[attr-defined]
            ]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._evaluate(node.left, names), self._evaluate(node.right, names)
            return left + right if isinstance(left, str) else [*left, *right]  # type: ignore[operator, misc]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reversed":
            return list(self._evaluate(node.args[0], names))[::-1]  # type: ignore[call-overload]
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            return list(self._evaluate(node.value, names))[::-1]  # type: ignore[call-overload]
        try:
            return ast.literal_eval(node)
        except ValueError:
            return None


def _bound(target: ast.AST, value: object) -> dict[str, object]:
    """The names that an assignment or a loop over ``target`` binds."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else value
        if isinstance(values, list | tuple):
            pairs = zip(target.elts, values, strict=False)
            return {name: part for one, each in pairs for name, part in _bound(one, each).items()}
    return {}


@cache
def revisions() -> list[RevisionFile]:
    """All revisions in the order of their numbers."""
    return [RevisionFile(path) for path in sorted((ROOT / "alembic" / "versions").glob("*.py"))]


@cache
def current() -> dict[str, tuple[Path, SqlObject]]:
    """Object name → (file, parsed) of everything under src/kingston_schema/sql that history freezes."""
    found = {}
    for kind in CURRENT_KINDS:
        for path in sorted((PACKAGE / "sql" / kind).glob("*.sql")):
            name = f"gate_{path.stem}" if kind == "gates" else path.stem
            assert name not in found, f"two current files are called {name}"
            found[name] = (path, parse(path.read_text(encoding="utf-8"), path))
    return found


@cache
def frozen() -> dict[str, dict[str, Path]]:
    """Object name → {revision number: frozen file}."""
    return {
        folder.name: {path.stem: path for path in sorted(folder.glob("*.sql"))}
        for folder in sorted((ROOT / "alembic" / "sql").iterdir())
        if folder.is_dir()
    }


def used(function: str) -> list[tuple[RevisionFile, str, str]]:
    """(revision, object, version) of every frozen text that upgrade() (run_sql, gate) or downgrade() names."""
    found = []
    for revision in revisions():
        for operation, arguments in revision.calls(function):
            if operation in ("run_sql", "drop_sql"):
                found.append((revision, str(arguments[0]), str(arguments[1])))
            elif operation == "gate":
                found.append((revision, f"gate_{arguments[0]}", str(arguments[1])))
    return found


def code_of(sql: str) -> str:
    """SQL without its comments."""
    return re.sub(r"--[^\n]*", "", sql)
