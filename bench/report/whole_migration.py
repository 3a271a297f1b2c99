"""All revisions up and down with the portal in use, each with its longest waits."""

from __future__ import annotations

from typing import Any

from .words import runs_of, seconds, table, thousands


def section(sizes: dict[str, Any]) -> list[str]:
    """Heading, words and tables."""
    runs = runs_of({size: figures["up"] for size, figures in sizes.items()})
    parts = [
        "## The whole way, with the portal in use\n",
        f"Seconds, medians of {runs}; in brackets the longest waits of the writer and of the reader meanwhile.\n",
    ]
    for way, title in (("up", "`alembic upgrade head`"), ("down", "`alembic downgrade legacy`")):
        names = list(next(iter(sizes.values()))[way]["revisions"])
        rows: list[tuple[object, ...]] = [
            (f"**{title}**", *(f"**{seconds(sizes[size][way]['median_s'])}**" for size in sizes))
        ]
        rows += [
            (f"`{name}`", *(_revision(sizes[size][way]["revisions"].get(name)) for size in sizes))
            for name in names
        ]
        parts.append(table(("", *(f"{thousands(size)} products" for size in sizes)), rows))
    idle = ", ".join(
        f"{figures['idle']['writer']['most_ms']:.0f} and {figures['idle']['reader']['most_ms']:.0f} ms at {thousands(size)}"
        for size, figures in sizes.items()
    )
    memory = max(figures["memory_mb"] for figures in sizes.values())
    failed = sum(figures["failures"] for figures in sizes.values())
    parts.append(
        f"Longest waits when idle: {idle}. The client took {memory:.0f} MB at most. Statements of the portal that failed:"
        f" {failed}.\n"
    )
    return parts


def _revision(figures: dict[str, float] | None) -> str:
    if figures is None:
        return "not measured"
    waits = [figures.get(f"{role}_most_ms") for role in ("writer", "reader")]
    shown = " / ".join("–" if wait is None else f"{wait:.0f}" for wait in waits)
    return seconds(figures["median_s"]) + ("" if waits == [None, None] else f" ({shown} ms)")
