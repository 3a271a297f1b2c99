"""The SQL of the rehearsal: rows for each table, changes, what people do below; one unit per file or step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_STEP = re.compile(r"^-- step: ([^|\n]+?)(?: \| (.+))?$", re.MULTILINE)
_NEEDS = re.compile(r"\A-- needs: (\S+)$", re.MULTILINE)
_CONDITION = re.compile(r"(above|below) (has|lacks) ([\w.]+)")


@dataclass(frozen=True)
class Step:
    """One statement; ``conditions``: (above or below, has or lacks, table or table.column)."""

    name: str
    text: str
    conditions: tuple[tuple[str, str, str], ...] = ()


def text(path: str) -> str:
    """A file of sql/rehearsal."""
    return files("kingston_schema").joinpath("sql", "rehearsal", *path.split("/")).read_text(encoding="utf-8")


@cache
def steps(path: str) -> tuple[Step, ...]:
    """The statements of a file that has several."""
    parts = _STEP.split(text(path))[1:]
    return tuple(
        Step(parts[i], parts[i + 2].strip(), _conditions(parts[i + 1])) for i in range(0, len(parts), 3)
    )


def _conditions(words: str | None) -> tuple[tuple[str, str, str], ...]:
    return tuple((a, b, c) for a, b, c in _CONDITION.findall(words or ""))


@cache
def rows() -> dict[str, str]:
    """Table → the query whose rows are written to it."""
    return _folder("rows")


@cache
def changes() -> dict[str, tuple[str, str]]:
    """Name → (table or table.column it needs, statement)."""
    found = {}
    for name, statement in _folder("changes").items():
        needs = _NEEDS.search(statement)
        assert needs is not None, f"sql/rehearsal/changes/{name}.sql does not begin with -- needs:"
        found[name] = (needs[1], statement)
    return found


def _folder(name: str) -> dict[str, str]:
    folder = files("kingston_schema").joinpath("sql", "rehearsal", name)
    return {
        path.name.removesuffix(".sql"): path.read_text(encoding="utf-8")
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".sql")
    }
