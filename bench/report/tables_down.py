"""Tables that go to the archive."""

from __future__ import annotations

from typing import Any

from .words import runs_of, table, thousands


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    names = list(next(iter(sizes.values()))["tables"])
    rows: list[tuple[object, ...]] = [
        (f"`{name}` to the archive", *(f"{sizes[size]['tables'][name]:.1f} ms" for size in sizes))
        for name in names
    ]
    rows.append(("together", *(f"{sizes[size]['together_ms']:.1f} ms" for size in sizes)))
    for name in ("phase_2_objectives_actions", "phase_2_client_information"):
        rows.append(
            (
                f"all of the downgrade of {name}",
                *(f"{sizes[size]['revisions'][name]:.0f} ms" for size in sizes),
            )
        )
    return [
        "## Rolling back new tables\n",
        f"Medians of {runs_of(sizes)}; a table moves to the archive as it is.\n",
        table(("rows in each", *(thousands(size) for size in sizes)), rows),
    ]
