"""docs/benchmarks.json: results by subject and size, so that a run can be done in parts on one machine."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from kingston_schema import __version__, settings

Results = dict[str, Any]


def path() -> Path:
    """The file of the checkout."""
    root = settings.checkout()
    assert root is not None
    return root / "docs" / "benchmarks.json"


def load(file: Path | None = None) -> Results:
    """What has been measured; empty when nothing has."""
    file = file or path()
    if not file.exists():
        return {"machine": {}, "subjects": {}}
    found: Results = json.loads(file.read_text(encoding="utf-8"))
    return found


def store(machine: dict[str, Any], subject: str, size: str, figures: dict[str, Any]) -> Results:
    """Put the figures of one subject and size in the place of older ones.

    Results of another machine or other settings are dropped: ratios hold on one server only.
    """
    found = load()
    if found["machine"] != machine:
        found = {"machine": machine, "subjects": {}}
    found["subjects"].setdefault(subject, {})[size] = {
        "measured": time.strftime("%Y-%m-%d", time.gmtime()),
        "version": __version__,
        **figures,
    }
    save(found)
    return found


def save(found: Results) -> None:
    """Write the file, sorted so that a difference shows what changed."""
    ordered = {**found, "subjects": {k: _by_size(v) for k, v in sorted(found["subjects"].items())}}
    unfinished = path().with_suffix(".unfinished")
    unfinished.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    os.replace(unfinished, path())


def _by_size(sizes: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(sizes.items(), key=lambda item: int(item[0])))
