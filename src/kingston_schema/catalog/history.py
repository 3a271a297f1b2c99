"""The revisions this package knows, in order, and the way from one to another."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from alembic.config import Config
from alembic.script import ScriptDirectory

from ..ddl.journal import phase_of
from ..errors import RefusedError, UsageError
from ..settings import history_folder


@dataclass(frozen=True)
class Step:
    """One revision: its id, the first line of its docstring and the phase it belongs to."""

    revision: str
    title: str
    phase: str


def configuration() -> Config:
    """Alembic's configuration of this project, without a database; works from a checkout and from a wheel."""
    config = Config()
    config.set_main_option("script_location", str(history_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s")
    config.set_main_option("output_encoding", "utf-8")
    return config


@lru_cache(maxsize=1)
def steps() -> tuple[Step, ...]:
    """All revisions, oldest first."""
    found = list(ScriptDirectory.from_config(configuration()).walk_revisions())[::-1]
    return tuple(Step(r.revision, (r.doc or "").strip(), phase_of(r.revision)) for r in found)


def names() -> list[str]:
    """The revision ids, oldest first."""
    return [step.revision for step in steps()]


def position(revision: str | None) -> int:
    """How many revisions are applied at ``revision``; 0 for none.

    Raises RefusedError for a revision recorded by some other version of this package.
    """
    if revision is None:
        return 0
    if revision not in names():
        raise RefusedError(
            f'the database is recorded at revision "{revision}", which this version does not know',
            fix="use the version of kingston-schema that brought it there",
            obj=revision,
        )
    return names().index(revision) + 1


def target_position(target: str, current: str | None) -> int:
    """How many revisions are applied once ``target`` is reached.

    ``target``: a revision id, ``head``, ``base``, or relative as Alembic has it (``+2``, ``-1``).
    Raises UsageError for anything else, with the nearest names.
    """
    order = names()
    if target in ("head", "heads"):
        return len(order)
    if target == "base":
        return 0
    if target[:1] in "+-" and target[1:].isdigit():
        reached = position(current) + int(target)
        if 0 <= reached <= len(order):
            return reached
        raise UsageError(
            f"{target} leads beyond the {'last' if target[0] == '+' else 'first'} revision",
            fix="kingston status shows where the portal is",
        )
    if target in order:
        return order.index(target) + 1
    near = difflib.get_close_matches(target, [*order, "head", "base"], n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(
        f'there is no revision "{target}"{hint}', fix="kingston alembic history lists them", obj=target
    )


def way_up(current: str | None, target: str) -> Sequence[Step]:
    """The revisions to apply, in order; empty when ``target`` is reached already."""
    return steps()[position(current) : target_position(target, current)]


def way_down(current: str | None, target: str) -> Sequence[Step]:
    """The revisions to take back, newest first; empty when the database is not above ``target``."""
    return steps()[target_position(target, current) : position(current)][::-1]
