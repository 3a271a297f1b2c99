"""What was asked for: each figure with its limit, computed from the results; nothing here is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Subjects = dict[str, dict[str, Any]]
LARGE, MIDDLE = "1000000", "50000"


@dataclass(frozen=True)
class Target:
    """``figure`` raises KeyError where something is not measured yet; ``at_most``: smaller is better."""

    name: str
    limit: float
    unit: str
    figure: Callable[[Subjects], float]
    at_most: bool = True
    why: str = ""
    """Said where it is missed."""

    def value(self, subjects: Subjects) -> float | None:
        """The figure, None where it is not measured."""
        try:
            return self.figure(subjects)
        except KeyError:
            return None

    def reached(self, value: float) -> bool:
        """Whether ``value`` is within the limit."""
        return value <= self.limit if self.at_most else value >= self.limit


def _way(subjects: Subjects, way: str, size: str = LARGE) -> float:
    return float(subjects["ownership_up"][size]["ways"][way]["median_s"])


def _waited(subjects: Subjects) -> float:
    waits = subjects["ownership_up"][LARGE]["waits"]
    return float(max(w["writer"]["most_ms"] for w in waits["ours"]) - waits["idle"]["writer"]["most_ms"])


def _flat(subjects: Subjects) -> float:
    sizes = subjects["ownership_up"]
    return float(sizes[LARGE]["us_per_row"] / sizes[MIDDLE]["us_per_row"])


def _down(subjects: Subjects) -> float:
    down = subjects["whole_migration"][LARGE]["down"]["median_s"]
    return float(subjects["dump_restore"][LARGE]["piped"]["median_s"] / down)


def _validation(subjects: Subjects) -> float:
    kinds = next(iter(subjects["validation"].values()))["kinds"]
    return float(max(kind["ratio"] for name, kind in kinds.items() if "edited" not in name))


def _edited(subjects: Subjects) -> float:
    kinds = next(iter(subjects["validation"].values()))["kinds"]
    return float(max(kind["ratio"] for name, kind in kinds.items() if "edited" in name))


def _memory(subjects: Subjects) -> float:
    return float(max(size["memory_mb"] for size in subjects["whole_migration"].values()))


TARGETS = (
    Target(
        "ownership up at 1,000,000 products, against one UPDATE of everything", 0.75, "×",
        lambda s: _way(s, "ours") / _way(s, "one_update"),
        why="the second session needs a core of its own",
    ),
    Target(
        "ownership up at 1,000,000: faster than a PL/pgSQL loop over the rows", 2, "×",
        lambda s: _way(s, "row_loop") / _way(s, "ours"), at_most=False,
        why="the second session needs a core of its own",
    ),
    Target(
        "ownership up at 1,000,000: faster than Python row by row", 7, "×",
        lambda s: _way(s, "python_rows") / _way(s, "ours"), at_most=False,
        why="the second session needs a core of its own",
    ),
    Target(
        "longest wait of a writer during it, above the longest when idle", 60, " ms", _waited,
        why="a batch that lasts longer than 25 ms because something else had the processor or the disk",
    ),
    Target(
        "time per row at 1,000,000, against 50,000", 1.15, "×", _flat,
        why="full-page writes and checkpoints begin above the size of the caches",
    ),
    Target(
        "rollback of three new tables with 1,000,000 rows each", 50, " ms",
        lambda s: float(s["tables_down"][LARGE]["together_ms"]),
    ),
    Target(
        "whole downgrade at 1,000,000 products: faster than dump and restore", 20, "×", _down, at_most=False,
        why="the archive of the ownership documents is written row by row, and a dump of this size is quick",
    ),
    Target(
        "ownership validation, against a loop over jsonb_each_text: documents as the migration makes them", 0.4, "×",
        _validation,
    ),
    Target(
        "the same: shares that somebody edited", 0.4, "×", _edited,
        why="shares without a known pattern are added up one by one; such documents are checked when they are written,"
        " one at a time",
    ),
    Target(
        "page by key at any depth, 99th percentile, 100,000 client groups", 1, " ms",
        lambda s: float(s["page"][LARGE]["by_key_any_depth"]["p99_ms"]),
    ),
    Target(
        "last page by offset, 99th percentile, 100,000 client groups", 60, " ms",
        lambda s: float(s["page"][LARGE]["by_offset_last"]["p99_ms"]),
    ),
    Target(
        "refresh of the summaries after one per cent of the clients changed, against a full one", 0.05, "×",
        lambda s: float(s["summaries"][LARGE]["share"]),
    ),
    Target(
        "`alembic upgrade head` on an empty database", 3, " s",
        lambda s: float(s["commands"]["0"]["upgrade_head_empty"]["median_s"]),
    ),
    Target(
        "`alembic current`", 0.6, " s", lambda s: float(s["commands"]["0"]["current"]["median_s"]),
    ),
    Target("memory of the client, at any size", 150, " MB", _memory),
)  # fmt: skip
