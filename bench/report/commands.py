"""Commands as a whole, the start of Python included."""

from __future__ import annotations

from typing import Any

from .words import seconds, table


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    figures = sizes["0"]
    rows = [
        (title, *(seconds(figures[name][which]) for which in ("median_s", "least_s", "most_s")))
        for name, title in (
            ("upgrade_head_empty", "`alembic upgrade head`, empty database"),
            ("current", "`alembic current`"),
        )
    ]
    return [
        "## Commands\n",
        f"{figures['current']['runs']} runs, the start of Python included.\n",
        table(("", "median", "least", "most"), rows),
    ]
