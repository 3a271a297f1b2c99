"""How the page writes tables and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; every column but the first holds numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def number(value: float) -> str:
    """As many places as tell something."""
    if value >= 100:
        return f"{value:,.0f}"
    return (f"{value:.1f}" if value >= 10 else f"{value:.2f}").rstrip("0").rstrip(".")


def seconds(value: float) -> str:
    """``value`` seconds, as milliseconds where it is that short."""
    return (
        f"{value:,.1f} s" if value >= 10 else f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.1f} ms"
    )


def thousands(size: str) -> str:
    """The key of the results with its thousands apart."""
    return f"{int(size):,}"


def runs_of(sizes: dict[str, dict[str, float]]) -> str:
    """How many runs a median is of, by size."""
    numbers = {size: figures["runs"] for size, figures in sizes.items()}
    if len(set(numbers.values())) == 1:
        return f"{next(iter(numbers.values()))} runs"
    return ", ".join(f"{runs} runs at {thousands(size)}" for size, runs in numbers.items())
