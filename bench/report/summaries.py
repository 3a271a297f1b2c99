"""Summaries: built, refreshed in full and after a change."""

from __future__ import annotations

from typing import Any

from .words import runs_of, seconds, table


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    rows: list[tuple[object, ...]] = [
        ("built from nothing", *(seconds(sizes[s]["build"]["median_s"]) for s in sizes))
    ]
    for name in next(iter(sizes.values()))["refresh"]:
        rows.append(
            (f"`{name}` refreshed in full", *(seconds(sizes[s]["refresh"][name]["median_s"]) for s in sizes))
        )
    rows.append(("all three in full", *(seconds(sizes[s]["refresh_all_s"]) for s in sizes)))
    rows.append(
        ("all three after one per cent changed",
         *(f"{seconds(sizes[s]['refresh_one_per_cent']['median_s'])} ({sizes[s]['share']:.1%})" for s in sizes))
    )  # fmt: skip
    return [
        "## Summaries\n",
        f"Medians of {runs_of({size: figures['build'] for size, figures in sizes.items()})}, of the last line"
        f" {runs_of({size: figures['refresh_one_per_cent'] for size, figures in sizes.items()})}.\n",
        table(("", *(f"{sizes[size]['client_groups']:,} client groups" for size in sizes)), rows),
    ]
