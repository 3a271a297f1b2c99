"""Take a portal down to a revision; what the lower schema has no place for goes to the archive."""

from __future__ import annotations

from collections.abc import Sequence

from .. import db
from ..catalog import history
from ..ddl.events import Reporter
from ..errors import UsageError
from . import _drive
from ._drive import Plan, Report

__all__ = ["Plan", "Report", "plan", "run", "script"]

script = _drive.script


def plan(url: str, schema: str | None, target: str, allow: Sequence[str] = ()) -> Plan:
    """What ``run`` would do; changes nothing.  Raises UsageError for a target above the database."""
    planned = _drive.plan(url, schema, "down", target, allow)
    if history.target_position(target, planned.before) > history.position(planned.before):
        raise UsageError(
            f'"{target}" is above the revision of database {db.describe(url)} ({planned.before or "none"})',
            fix=f"kingston upgrade {target}",
        )
    return planned


def run(url: str, planned: Plan, reporter: Reporter, allow: Sequence[str] = ()) -> Report:
    """Run it.  ``allow`` holds ``CHECK:reason``; the reason is recorded."""
    return _drive.run(url, planned, reporter, allow)
