"""What was asked for: each figure with its limit, computed from the results; nothing here is measured.

Where one is missed, the reason given is figures of the same run.
"""

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
    why: Callable[[Subjects], str] | None = None
    """What the same run knows about it; said where it is missed."""

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


def _ways(*names: str) -> Callable[[Subjects], str]:
    def why(subjects: Subjects) -> str:
        ways = subjects["ownership_up"][LARGE]["ways"]
        return "; ".join(f"{WAYS[name]} {_spread(ways[name])}" for name in ("ours", *names))

    return why


WAYS = {
    "ours": "`op.backfill`",
    "one_update": "one UPDATE",
    "row_loop": "the loop",
    "python_rows": "Python",
}


def _spread(figures: dict[str, float]) -> str:
    return f"{figures['median_s']:.1f} s ({figures['least_s']:.1f} to {figures['most_s']:.1f})"


def _waited(subjects: Subjects) -> float:
    waits = subjects["ownership_up"][LARGE]["waits"]
    return float(max(w["writer"]["most_ms"] for w in waits["ours"]) - waits["idle"]["writer"]["most_ms"])


def _waited_why(subjects: Subjects) -> str:
    waits = subjects["ownership_up"][LARGE]["waits"]
    runs = ", ".join(f"{w['writer']['most_ms']:.0f}" for w in waits["ours"])
    usual = max(w["writer"]["p99_ms"] for w in waits["ours"])
    return f"longest waits of the runs {runs} ms, 99th percentile {usual:.0f} ms, idle {waits['idle']['writer']['most_ms']:.0f} ms"


def _flat(subjects: Subjects) -> float:
    sizes = subjects["ownership_up"]
    return float(sizes[LARGE]["us_per_row"] / sizes[MIDDLE]["us_per_row"])


def _flat_why(subjects: Subjects) -> str:
    sizes = subjects["ownership_up"]
    one = {s: 1e6 * _way(subjects, "one_update", s) / int(s) for s in (MIDDLE, LARGE)}
    return (
        f"{sizes[LARGE]['us_per_row']:.1f} µs against {sizes[MIDDLE]['us_per_row']:.1f}; the one UPDATE goes from"
        f" {one[MIDDLE]:.1f} to {one[LARGE]:.1f} µs ({one[LARGE] / one[MIDDLE]:.2f} ×)"
    )


def _down(subjects: Subjects) -> float:
    down = subjects["whole_migration"][LARGE]["down"]["median_s"]
    return float(subjects["dump_restore"][LARGE]["piped"]["median_s"] / down)


def _down_why(subjects: Subjects) -> str:
    down = subjects["whole_migration"][LARGE]["down"]
    longest = sorted(down["revisions"].items(), key=lambda item: -item[1]["median_s"])[:3]
    parts = ", ".join(f"{name} {figures['median_s']:.1f} s" for name, figures in longest)
    piped = subjects["dump_restore"][LARGE]["piped"]["median_s"]
    return f"dump and restore {piped:.1f} s; downgrade {down['median_s']:.1f} s with the portal in use, of it {parts}"


def _kinds(subjects: Subjects, edited: bool) -> dict[str, dict[str, float]]:
    kinds = next(iter(subjects["validation"].values()))["kinds"]
    return {name: kind for name, kind in kinds.items() if ("edited" in name) is edited}


def _validation(edited: bool) -> Callable[[Subjects], float]:
    return lambda subjects: float(max(kind["ratio"] for kind in _kinds(subjects, edited).values()))


def _validation_why(edited: bool) -> Callable[[Subjects], str]:
    return lambda subjects: ", ".join(
        f"{name} {kind['ours_us']:.2f} µs against {kind['loop_us']:.2f}"
        for name, kind in _kinds(subjects, edited).items()
    )


def _page(way: str) -> tuple[Callable[[Subjects], float], Callable[[Subjects], str]]:
    def why(subjects: Subjects) -> str:
        figures = subjects["page"][LARGE][way]
        return f"the usual page {figures['p50_ms']:.2f} ms, of {figures['pages']} pages"

    return lambda subjects: float(subjects["page"][LARGE][way]["p99_ms"]), why


def _refresh_why(subjects: Subjects) -> str:
    figures = subjects["summaries"][LARGE]
    partly = figures["refresh_one_per_cent"]
    return (
        f"{partly['median_s']:.2f} s for {partly['client_groups']:,} of {figures['client_groups']:,} client groups,"
        f" {figures['refresh_all_s']:.1f} s for all"
    )


def _memory(subjects: Subjects) -> float:
    return float(max(size["memory_mb"] for size in subjects["whole_migration"].values()))


def _audit(figure: str) -> Callable[[Subjects], float]:
    def value(subjects: Subjects) -> float:
        figures = next(iter(subjects["audit"].values()))
        return float(figures["bulk_ratio"]["ours"] if figure == "bulk" else figures["log_ratio"])

    return value


def _audit_why(subjects: Subjects) -> str:
    figures = next(iter(subjects["audit"].values()))
    bulk, size = figures["bulk"], figures["bytes_per_row"]
    return (
        f"without {_spread(bulk['none'])}, history {_spread(bulk['ours'])}, full images {_spread(bulk['full_images'])};"
        f" {size['ours']:,} and {size['full_images']:,} bytes a row"
    )


def _seconds(name: str) -> tuple[Callable[[Subjects], float], Callable[[Subjects], str]]:
    def why(subjects: Subjects) -> str:
        figures = subjects["commands"]["0"][name]
        return f"{figures['least_s']:.2f} to {figures['most_s']:.2f} s in {figures['runs']} runs"

    return lambda subjects: float(subjects["commands"]["0"][name]["median_s"]), why


def _tables_why(subjects: Subjects) -> str:
    tables = subjects["tables_down"][LARGE]["tables"]
    return ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in tables.items())


TARGETS = (
    Target(
        "ownership up at 1,000,000 products, against one UPDATE of everything", 0.75, "×",
        lambda s: _way(s, "ours") / _way(s, "one_update"), why=_ways("one_update"),
    ),
    Target(
        "ownership up at 1,000,000: faster than a PL/pgSQL loop over the rows", 2, "×",
        lambda s: _way(s, "row_loop") / _way(s, "ours"), at_most=False, why=_ways("row_loop"),
    ),
    Target(
        "ownership up at 1,000,000: faster than Python row by row", 7, "×",
        lambda s: _way(s, "python_rows") / _way(s, "ours"), at_most=False, why=_ways("python_rows"),
    ),
    Target(
        "longest wait of a writer during it, above the longest when idle", 60, " ms", _waited, why=_waited_why,
    ),
    Target(
        "time per row at 1,000,000, against 50,000", 1.15, "×", _flat, why=_flat_why,
    ),
    Target(
        "rollback of three new tables with 1,000,000 rows each", 50, " ms",
        lambda s: float(s["tables_down"][LARGE]["together_ms"]), why=_tables_why,
    ),
    Target(
        "whole downgrade at 1,000,000 products: faster than dump and restore", 20, "×", _down, at_most=False,
        why=_down_why,
    ),
    Target(
        "ownership validation, against a loop over `jsonb_each_text`: documents as the migration makes them", 0.4, "×",
        _validation(False), why=_validation_why(False),
    ),
    Target("the same: shares that somebody edited", 0.4, "×", _validation(True), why=_validation_why(True)),
    Target(
        "page by key at any depth, 99th percentile, 100,000 client groups", 1, " ms", _page("by_key_any_depth")[0],
        why=_page("by_key_any_depth")[1],
    ),
    Target(
        "last page by offset, 99th percentile, 100,000 client groups", 60, " ms", _page("by_offset_last")[0],
        why=_page("by_offset_last")[1],
    ),
    Target(
        "refresh of the summaries after one per cent of the clients changed, against a full one", 0.05, "×",
        lambda s: float(s["summaries"][LARGE]["share"]), why=_refresh_why,
    ),
    Target(
        "`alembic upgrade head` on an empty database", 3, " s", _seconds("upgrade_head_empty")[0],
        why=_seconds("upgrade_head_empty")[1],
    ),
    Target("`alembic current`", 0.6, " s", _seconds("current")[0], why=_seconds("current")[1]),
    Target("memory of the client, at any size", 150, " MB", _memory),
    Target("row history: an UPDATE of 50,000 rows, against one without", 2.5, "×", _audit("bulk"), why=_audit_why),
    Target("row history: size of the log, against full images", 0.5, "×", _audit("log"), why=_audit_why),
)  # fmt: skip
