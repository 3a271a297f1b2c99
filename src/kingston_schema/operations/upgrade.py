"""Take a portal up to a revision (default: head)."""

from __future__ import annotations

from collections.abc import Sequence

from ..ddl.events import Reporter
from . import _drive
from ._drive import Plan, Report

__all__ = ["Plan", "Report", "plan", "run", "script"]

script = _drive.script


def plan(url: str, schema: str | None = None, target: str = "head", allow: Sequence[str] = ()) -> Plan:
    """What ``run`` would do; changes nothing.  No steps when the database is at or above ``target``."""
    return _drive.plan(url, schema, "up", target, allow)


def run(url: str, planned: Plan, reporter: Reporter, allow: Sequence[str] = ()) -> Report:
    """Run it.  ``allow`` holds ``CHECK:reason`` for gate checks that may fail; the reason is recorded."""
    return _drive.run(url, planned, reporter, allow)
