"""Filling the column of ownership: ways side by side, and how long the portal waits meanwhile."""

from __future__ import annotations

from typing import Any

from .words import runs_of, seconds, table, thousands

WAYS = {
    "ours": "`op.backfill`, as the migration does it",
    "one_update": "(b) one UPDATE, one transaction",
    "row_loop": "(a) PL/pgSQL loop over the rows",
    "python_rows": "(c) Python, an UPDATE per row",
}


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    ways = [(name, *(_way(sizes[size]["ways"], way) for size in sizes)) for way, name in WAYS.items()]
    waits = []
    for size, figures in sizes.items():
        ours = max(figures["waits"]["ours"], key=lambda w: w["writer"]["most_ms"])
        for name, heard in {"idle": figures["waits"]["idle"], "`op.backfill`": ours,
                            "(b)": figures["waits"]["one_update"], "(a)": figures["waits"]["row_loop"]}.items():  # fmt: skip
            waits.append(
                (f"{thousands(size)}, {name}", *(_wait(heard.get(role)) for role in ("writer", "reader")))
            )
    per_row = ", ".join(f"{figures['us_per_row']} µs at {thousands(size)}" for size, figures in sizes.items())
    runs = runs_of({size: figures["ways"]["ours"] for size, figures in sizes.items()})
    samples = {
        size: figures["python_sample"]
        for size, figures in sizes.items()
        if figures["python_sample"] < int(size)
    }
    scaled = "".join(
        f" (c) at {thousands(size)} is scaled from {sample:,} products." for size, sample in samples.items()
    )
    return [
        "## Ownership up\n",
        f"Filling `client_products.ownership_details`: medians of {runs}, and the ratio to (b). The index on the links is there"
        f" for all of them.{scaled} `op.backfill` per product: {per_row}.\n",
        table(("", *(f"{thousands(size)} products" for size in sizes)), ways),
        "Waits of a portal in use, one statement of a writer and of a reader every two milliseconds: usual, 99th percentile,"
        " longest.\n",
        table(("products, meanwhile", "writer", "reader"), waits),
    ]


def _way(ways: dict[str, Any], way: str) -> str:
    ratio = ways[way]["median_s"] / ways["one_update"]["median_s"]
    return f"{seconds(ways[way]['median_s'])} ({ratio:.2f})"


def _wait(heard: dict[str, float] | None) -> str:
    if heard is None:
        return "no answer until it ended"
    return f"{heard['p50_ms']:.1f} / {heard['p99_ms']:.1f} / {heard['most_ms']:,.1f} ms"
