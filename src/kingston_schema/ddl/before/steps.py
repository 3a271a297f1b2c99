"""What the revisions of a move will do, written down without doing it: their calls on ``op``, in order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ..sqltext import SqlObject, parse


@dataclass(frozen=True)
class Step:
    """One call on ``op``: ``archive_table``, its positional arguments, the revision that makes it."""

    revision: str
    name: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Copied:
    """Columns whose values a revision copies to the archive before it drops them."""

    table: str
    columns: list[str]
    revision: str

    @property
    def archive(self) -> str:
        """The archive table, as @control@.column_archive() names it."""
        return f"{self.table}__{self.revision}"[:63]


def of(script: ScriptDirectory, direction: str, target: str, recorded: list[str]) -> list[Step]:
    """The calls on the way from the ``recorded`` revisions up or down to ``target``.

    Empty where a recorded revision is of another version of this package.  Raises Alembic's CommandError for a target
    that does not exist or lies the other way.
    """
    ways = script._downgrade_revs if direction == "downgrade" else script._upgrade_revs
    heard: list[Step] = []
    at = ""
    if not set(recorded) <= {revision.revision for revision in script.walk_revisions()}:
        return heard

    def listen(operation: Any) -> contextlib.nullcontext[None]:
        heard.append(Step(at, type(operation).__name__, getattr(operation, "args", ())))
        return contextlib.nullcontext()  # for "with op.lock_tables(…):"

    listening = Operations(MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True}))
    listening.invoke = listen  # type: ignore[assignment, method-assign]
    listening._install_proxy()
    try:
        for step in ways(target, tuple(recorded)):  # type: ignore[arg-type]
            at = step.revision.revision  # type: ignore[attr-defined]
            module = script.get_revision(at).module
            (module.downgrade if direction == "downgrade" else module.upgrade)()
    finally:
        listening._remove_proxy()
    return heard


def objects(script: ScriptDirectory, steps: Iterable[Step], name: str) -> Iterator[SqlObject]:
    """The SQL objects that ``run_sql`` or ``drop_sql`` calls of ``steps`` speak of."""
    for step in steps:
        if step.name == name:
            path = Path(script.dir) / "sql" / step.arguments[0] / f"{step.arguments[1]}.sql"
            yield parse(path.read_text(encoding="utf-8"), path)
