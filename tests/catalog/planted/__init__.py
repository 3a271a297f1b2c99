"""Differences to plant in a real database, and the words in which each has to be found."""

from __future__ import annotations

from importlib import import_module

from .plant import Plant as Plant

AREAS = (
    "columns", "constraints", "indexes", "tables", "views", "sequences", "functions", "triggers", "security", "types",
    "rights", "others",
)  # fmt: skip


def every(area: str = "") -> list[Plant]:
    """Those of one area, or all in the order of the page docs/reference/fingerprint.md."""
    areas = (area,) if area else AREAS
    return [plant for each in areas for plant in import_module(f"{__name__}.{each}").PLANTS]
