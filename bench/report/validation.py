"""What a validated document costs."""

from __future__ import annotations

from typing import Any

from .words import table


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    figures = next(iter(sizes.values()))
    rows = [
        (kind, f"{f['ours_us']:.2f} µs", f"{f['loop_us']:.2f} µs", f"{f['ratio']:.2f}")
        for kind, f in figures["kinds"].items()
    ]
    return [
        "## Ownership validation\n",
        f"Per document, above reading it; medians over {figures['rows']:,} documents of a kind.\n",
        table(("", "`validate_ownership_percentages_precise`", "loop over `jsonb_each_text`", "ratio"), rows),
    ]
