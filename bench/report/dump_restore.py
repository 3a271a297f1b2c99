"""What people do today instead of rolling back."""

from __future__ import annotations

from typing import Any

from .words import runs_of, seconds, table, thousands


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    names = {"piped": "`pg_dump -Fc \\| pg_restore`", "parallel": "`pg_dump -Fd -j2`, `pg_restore -j2`"}
    rows = [
        (title, *(seconds(sizes[size][way]["median_s"]) for size in sizes)) for way, title in names.items()
    ]
    return [
        "## Dump and restore of the same portal at head\n",
        "What people do today instead of rolling back; nobody can work meanwhile. Medians of"
        f" {runs_of({size: figures['piped'] for size, figures in sizes.items()})}.\n",
        table(("", *(f"{thousands(s)} products" for s in sizes)), rows),
    ]
