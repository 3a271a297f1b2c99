"""The proof that every rollback gives back what was there."""

from __future__ import annotations

from typing import Any

from .words import seconds, table, thousands


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    rows = [
        (
            f"{thousands(size)} products", f["rollbacks"], f"{f['columns']:,}", seconds(f["seconds"]),
            f"{f['slowest']} to {f['slowest_to']}, {seconds(f['slowest_s'])}",
        )
        for size, f in sizes.items()
    ]  # fmt: skip
    return [
        "## `kingston verify rollback --all`\n",
        table(("", "rollbacks", "columns compared", "took", "slowest"), rows),
    ]
