"""A database that another version of this package has moved to a revision which this one does not have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from alembic.script import ScriptDirectory

from .. import __version__
from ..errors import RefusedError
from ..settings import Schemas
from . import runner


def refuse(
    recorded: Iterable[str], scripts: ScriptDirectory, side: psycopg.Connection[Any], names: Schemas
) -> None:
    """Raise RefusedError unless every revision in ``recorded`` is one of ``scripts``."""
    known = {script.revision for script in scripts.walk_revisions()}
    for revision in recorded:
        if revision not in known:
            by = runner.last_version(side, names)
            raise RefusedError(
                f'the database is recorded at revision "{revision}", which version {__version__} of kingston-schema does not'
                f" know{f'; version {by} was the last to change it' if by else ''}",
                fix="use the version of kingston-schema that brought it there",
                obj=revision,
            )
