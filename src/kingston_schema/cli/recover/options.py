"""Options that several verbs of ``kingston recover`` have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from ...errors import UsageError
from ..when import moment_given

Client = Annotated[int, typer.Argument(help="The client group.")]
At = Annotated[str, typer.Option("--at", help="As it was then: '2026-11-19 12:00'.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is recorded with every row.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]


def moment_of(at: str) -> datetime:
    """The time of ``--at``; raises UsageError for none."""
    moment = moment_given("--at", at)
    if moment is None:
        raise UsageError("--at is needed", fix="--at '2026-11-19 12:00'")
    return moment
