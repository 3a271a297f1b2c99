"""Files of applied revisions: what they were when they ran, and what they are now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from alembic.script import ScriptDirectory

from ... import __version__
from ...catalog import history
from ...ddl.events import Told
from ...ddl.revision_files import hashes
from ...ddl.sqltext import render
from ...settings import Schemas, checkout, history_folder

_RAN = (
    "SELECT DISTINCT ON (e.subject) e.subject, e.files FROM @control@.event_log AS e"
    " WHERE e.event = 'up' AND e.files IS NOT NULL ORDER BY e.subject, e.id DESC"
)


def harmless() -> bool:
    """In a checkout before 1.0 a revision may be put right in place."""
    return __version__.startswith("0.") and checkout() is not None


def compare(
    connection: psycopg.Connection[Any], names: Schemas, applied: Sequence[str]
) -> tuple[list[Told], int, list[str]]:
    """(files that differ, files compared, revisions nobody noted the files of) of the revisions in ``applied``."""
    folder = history_folder()
    paths = {
        script.revision: Path(script.path)
        for script in ScriptDirectory.from_config(history.configuration()).walk_revisions()
    }
    ran = dict(connection.execute(render(_RAN, names).encode()).fetchall())
    found: list[Told] = []
    compared = 0
    for revision in applied:
        if revision not in ran:
            continue
        now = hashes(folder, paths[revision])
        for path in sorted(ran[revision].keys() | now.keys()):
            compared += 1
            if ran[revision].get(path) != now.get(path):
                found.append(_told(revision, path, was=path in ran[revision], here=path in now))
    return found, compared, [revision for revision in applied if revision not in ran]


def _told(revision: str, path: str, *, was: bool, here: bool) -> Told:
    what = "was edited" if was and here else "was removed" if was else "was added"
    code = "revision_edited_warning" if harmless() else "revision_edited"
    word = "warning, harmless before 1.0: " if harmless() else ""
    fix = f"put alembic/{path} back as it was; a change belongs into a new revision"
    return Told(code, f"alembic/{path}", f"{word}alembic/{path} {what} since {revision} was applied", fix)
