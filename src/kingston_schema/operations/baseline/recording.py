"""Measure now and keep the figures."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...errors import UsageError
from .items import Baseline, keep, path_of
from .measuring import RUNS, measure

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")


def record(
    url: str,
    schema: str | None = None,
    *,
    name: str = "",
    runs: int = RUNS,
    tell: Callable[[str], None] = lambda text: None,
) -> Baseline:
    """Measure every query of the portal and keep the figures.  Raises UsageError for a name that is taken."""
    if name and not _NAME.match(name):
        raise UsageError(
            f'"{name}" cannot name a baseline: letters, digits, dots, dashes', fix="--name before-phase-3"
        )
    if name and path_of(name).exists():
        raise UsageError(f'baseline "{name}" is there already', fix="choose another --name")
    found = measure(url, schema, runs=runs, tell=tell)
    made = Baseline(**{**vars(found), "name": name or f"{found.revision}-{found.recorded_at:%Y%m%d-%H%M%S}"})
    keep(made)
    return made
