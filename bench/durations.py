"""src/kingston_schema/catalog/durations.json, from which ``kingston plan`` says seconds: out of what was measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kingston_schema import settings

from .results import Results

WAYS = ("up", "down")


def path() -> Path:
    """The file that ships with the package."""
    root = settings.checkout()
    assert root is not None
    return root / "src" / "kingston_schema" / "catalog" / "durations.json"


def text(found: Results) -> str:
    """Seconds of each revision up and down: of an empty database (size 0), and of each portal moved as a whole in use."""
    subjects = found["subjects"]
    measured: dict[str, Any] = {**subjects.get("commands", {}), **subjects.get("whole_migration", {})}
    sizes: dict[str, dict[str, dict[str, float]]] = {}
    for size, figures in sorted(measured.items(), key=lambda item: int(item[0])):
        for way in WAYS:
            for revision, seconds in figures[way]["revisions"].items():
                sizes.setdefault(size, {}).setdefault(revision, {})[way] = seconds["median_s"]
    return json.dumps({"sizes": sizes}, indent=1) + "\n"


def write(found: Results) -> Path:
    """Write the file; nothing where nothing was measured."""
    file = path()
    file.write_text(text(found), encoding="utf-8")
    return file
