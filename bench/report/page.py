"""A page of the dense list, by key and by offset."""

from __future__ import annotations

from typing import Any

from .words import table


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""

    def shown(figures: dict[str, float]) -> str:
        return f"{figures['p50_ms']:.2f} / {figures['p99_ms']:.2f} ms"

    depths = list(next(iter(sizes.values()))["by_key"])
    rows = [
        (f"by key at {float(d):.1%}", *(shown(sizes[size]["by_key"][d]) for size in sizes)) for d in depths
    ]
    rows.append(("by offset, first page", *(shown(sizes[size]["by_offset_first"]) for size in sizes)))
    rows.append(("by offset, last page", *(shown(sizes[size]["by_offset_last"]) for size in sizes)))
    return [
        "## A page of the dense list\n",
        "50 client groups, every sort column in both directions, as a client meets it: median / 99th percentile.\n",
        table(("", *(f"{sizes[size]['client_groups']:,} client groups" for size in sizes)), rows),
    ]
