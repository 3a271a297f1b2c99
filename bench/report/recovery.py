"""What it takes to give one client group its rows back."""

from __future__ import annotations

from typing import Any

from .words import runs_of, seconds, table, thousands


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    rows = [
        (
            f"{thousands(size)} products", f"{f['lines']:,}", f["changes"], seconds(f["look"]["median_s"]),
            seconds(f["recover"]["median_s"]), f"{f['rows_of_others']:,}", seconds(f["undo"]["median_s"]),
        )
        for size, f in sizes.items()
    ]  # fmt: skip
    return [
        "## Recovery of one client group\n",
        "`kingston recover client`, the connection included, while everybody else's products and memberships were changed before and"
        f" after the time; medians of {runs_of({size: f['recover'] for size, f in sizes.items()})}. Finding reads the lines of the group"
        " alone; the proof counts and hashes every other row of the tables reached, twice, so it grows with them.\n",
        table(
            (
                "",
                "lines of history",
                "rows recovered",
                "look (dry run)",
                "recover",
                "rows of others proven the same",
                "undo",
            ),
            rows,
        ),
    ]
