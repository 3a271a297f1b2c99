"""Take a portal down to a revision; what the lower schema has no place for goes to the archive.

Beside that the three levels of document 001: ``switch_off`` (1), ``withdraw`` (2), ``restore`` of a proven checkpoint (3).
"""

from __future__ import annotations

from collections.abc import Sequence

from .. import db
from ..catalog import history
from ..ddl.events import Reporter
from ..errors import RefusedError, UsageError
from . import _drive, _rights, _switches, checkpoint
from ._drive import Plan, Report

__all__ = ["Plan", "Report", "plan", "proven", "run", "script", "switch_off", "withdraw"]

switch_off = _switches.run
withdraw = _rights.run

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


def proven(name: str, folder: str | None = None) -> checkpoint.Item:
    """The checkpoint that level 3 restores.

    Raises UsageError where there is none of that name, RefusedError for one whose restore was never proven.
    """
    checkpoint.existing(folder, name)
    (item,) = [item for item in checkpoint.listing(folder) if item.name == name]
    if item.state != "proven":
        raise RefusedError(
            f"checkpoint {name} is {item.state}: level 3 restores only what is known to be restorable",
            fix=f"kingston checkpoint verify {name}",
            obj=name,
        )
    return item
