"""What the row history costs."""

from __future__ import annotations

from typing import Any

from .words import seconds, table


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    figures = next(iter(sizes.values()))
    names = {"none": "no audit", "ours": "row history", "full_images": "row-level trigger, full images"}
    rows = []
    for way, name in names.items():
        ratio = figures["bulk_ratio"].get(way)
        size = figures["bytes_per_row"].get(way)
        rows.append(
            (
                name,
                seconds(figures["bulk"][way]["median_s"]) + ("" if ratio is None else f" ({ratio:.2f})"),
                *(f"{took[way]:.2f} ms" for took in figures["single_ms"].values()),
                "" if size is None else f"{size:,}",
            )
        )
    return [
        "## Row history\n",
        f"`client_products` with no other triggers: one UPDATE of {figures['rows']:,} rows, the median of"
        f" {figures['single_writes']:,} single writes of a kind (with their commit), bytes of log that a changed row adds, indexes"
        " included.\n",
        table(("", "all rows", *(f"one {kind}" for kind in figures["single_ms"]), "bytes a row"), rows),
    ]
