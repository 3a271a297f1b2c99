"""docs/benchmarks.md out of docs/benchmarks.json; a test compares the two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import results
from .figures import median
from .targets import LARGE, TARGETS, Subjects, Target

HEAD = """# Benchmarks

Written by `make bench` from [benchmarks.json](benchmarks.json), never by hand. All figures are of one machine and one
server; ways that are compared took turns. Compare ratios, not seconds.
"""
METHOD = """## Method

- Each way runs on its own copy of one database, seeded with the sample portal (ten products to a client group); seconds are
  medians. Between runs nothing is warmed up or tidied that a portal in use would not have.
- *The portal in use* is two processes with a connection each: one updates a random product, one reads a random product,
  each statement its own transaction, two milliseconds apart. *Idle* is the same with nothing else running: 5 seconds
  before each fill, 10 before each upgrade.
- A wait is the time of one statement as its client meets it. The longest of thousands is what is compared with the limits, and
  it depends most on what else the machine does.
- The server keeps everything: `fsync`, `synchronous_commit`, `full_page_writes` and autovacuum are on.
- `python -m bench --seed` makes the portals beforehand, `--missing` measures what is not in the file yet, `--forget` removes all.
"""
# Share of the processors that other work may take before the page says that figures are not to be trusted.
QUIET = 0.1
WAYS = {
    "ours": "`op.backfill`, as the migration does it",
    "one_update": "(b) one UPDATE, one transaction",
    "row_loop": "(a) PL/pgSQL loop over the rows",
    "python_rows": "(c) Python, an UPDATE per row",
}


def markdown(found: results.Results) -> str:
    """The whole page."""
    subjects: Subjects = found["subjects"]
    parts = [HEAD, _machine(found["machine"]), _others(subjects), "## Targets\n", _targets(subjects)]
    for subject, section in SECTIONS.items():
        if subject in subjects:
            parts += section(subjects[subject])
    return "\n".join([*parts, METHOD])


def write(found: results.Results) -> Path:
    """Write the page beside the JSON file."""
    page = results.path().with_suffix(".md")
    page.write_text(markdown(found), encoding="utf-8")
    return page


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; every column but the first holds numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _machine(machine: dict[str, Any]) -> str:
    settings = ", ".join(f"`{name} = {value}`" for name, value in machine["settings"].items())
    return (
        f"PostgreSQL {machine['postgresql']} and Python {machine['python']} on {machine['cores']} cores"
        f" ({machine['processor']}) with {machine['memory_gb']} GB, {machine['system']}; {settings}.\n"
    )


def _others(subjects: Subjects) -> str:
    """What else the machine did, seen while nothing of ours ran."""
    measured = [figures for sizes in subjects.values() for figures in sizes.values()]
    days = sorted({figures["measured"] for figures in measured})
    shares = [share for figures in measured for share in figures.get("others", ())]
    if not shares:
        return "What else the machine did is not known.\n"
    when = " to ".join(sorted({days[0], days[-1]}))
    took = " to ".join(dict.fromkeys(f"{share:.0%}" for share in (min(shares), max(shares))))
    busy = f"Measured on {when}. In a second before and after each part, when nothing of ours ran, other work took {took} of the"
    busy += f" processors (median {median(shares):.0%})."
    if median(shares) > QUIET:
        busy += (
            " **The machine was busy: seconds and longest waits are many times those of a quiet one, and what is missed below"
            " may be due to that. Only ratios say something.**"
        )
    return busy + "\n"


def _targets(subjects: Subjects) -> str:
    rows = []
    for target in TARGETS:
        value = target.value(subjects)
        shown = _unmeasured(target, subjects) if value is None else _number(value) + target.unit
        limit = f"{'≤' if target.at_most else '≥'} {_number(target.limit)}{target.unit}"
        rows.append((target.name, limit, shown, _verdict(target, value, subjects)))
    return table(("what", "limit", "measured", "reached?"), rows)


def _unmeasured(target: Target, subjects: Subjects) -> str:
    """The figure of the largest size that was measured, named as such."""
    for size in sorted({s for sizes in subjects.values() for s in sizes}, key=int, reverse=True):
        value = target.value(
            {name: {LARGE: sizes[size]} for name, sizes in subjects.items() if size in sizes}
        )
        if value is not None:
            return f"not measured; at {_size(size)}: {_number(value)}{target.unit}"
    return "not measured"


def _verdict(target: Target, value: float | None, subjects: Subjects) -> str:
    if value is None:
        return "–"
    if target.reached(value):
        return "reached"
    by = abs(value / target.limit - 1)
    return f"**missed by {by:.0%}**" + (f": {target.why(subjects)}" if target.why else "")


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return (f"{value:.1f}" if value >= 10 else f"{value:.2f}").rstrip("0").rstrip(".")


def _seconds(value: float) -> str:
    return (
        f"{value:,.1f} s" if value >= 10 else f"{value:.2f} s" if value >= 0.1 else f"{1000 * value:.1f} ms"
    )


def _size(size: str) -> str:
    return f"{int(size):,}"


def _ownership(sizes: dict[str, Any]) -> list[str]:
    ways = [(name, *(_way(sizes[size]["ways"], way) for size in sizes)) for way, name in WAYS.items()]
    waits = []
    for size, figures in sizes.items():
        ours = max(figures["waits"]["ours"], key=lambda w: w["writer"]["most_ms"])
        for name, heard in {"idle": figures["waits"]["idle"], "`op.backfill`": ours,
                            "(b)": figures["waits"]["one_update"], "(a)": figures["waits"]["row_loop"]}.items():  # fmt: skip
            waits.append(
                (f"{_size(size)}, {name}", *(_wait(heard.get(role)) for role in ("writer", "reader")))
            )
    per_row = ", ".join(f"{figures['us_per_row']} µs at {_size(size)}" for size, figures in sizes.items())
    runs = _runs({size: figures["ways"]["ours"] for size, figures in sizes.items()})
    samples = {
        size: figures["python_sample"]
        for size, figures in sizes.items()
        if figures["python_sample"] < int(size)
    }
    scaled = "".join(
        f" (c) at {_size(size)} is scaled from {sample:,} products." for size, sample in samples.items()
    )
    return [
        "## Ownership up\n",
        f"Filling `client_products.ownership_details`: medians of {runs}, and the ratio to (b). The index on the links is there"
        f" for all of them.{scaled} `op.backfill` per product: {per_row}.\n",
        table(("", *(f"{_size(size)} products" for size in sizes)), ways),
        "Waits of a portal in use, one statement of a writer and of a reader every two milliseconds: usual, 99th percentile,"
        " longest.\n",
        table(("products, meanwhile", "writer", "reader"), waits),
    ]


def _runs(sizes: dict[str, dict[str, float]]) -> str:
    """How many runs a median is of, by size."""
    numbers = {size: figures["runs"] for size, figures in sizes.items()}
    if len(set(numbers.values())) == 1:
        return f"{next(iter(numbers.values()))} runs"
    return ", ".join(f"{runs} runs at {_size(size)}" for size, runs in numbers.items())


def _way(ways: dict[str, Any], way: str) -> str:
    ratio = ways[way]["median_s"] / ways["one_update"]["median_s"]
    return f"{_seconds(ways[way]['median_s'])} ({ratio:.2f})"


def _wait(heard: dict[str, float] | None) -> str:
    if heard is None:
        return "no answer until it ended"
    return f"{heard['p50_ms']:.1f} / {heard['p99_ms']:.1f} / {heard['most_ms']:,.1f} ms"


def _whole(sizes: dict[str, Any]) -> list[str]:
    runs = _runs({size: figures["up"] for size, figures in sizes.items()})
    parts = [
        "## The whole way, with the portal in use\n",
        f"Seconds, medians of {runs}; in brackets the longest waits of the writer and of the reader meanwhile.\n",
    ]
    for way, title in (("up", "`alembic upgrade head`"), ("down", "`alembic downgrade legacy`")):
        names = list(next(iter(sizes.values()))[way]["revisions"])
        rows: list[tuple[object, ...]] = [
            (f"**{title}**", *(f"**{_seconds(sizes[size][way]['median_s'])}**" for size in sizes))
        ]
        rows += [
            (f"`{name}`", *(_revision(sizes[size][way]["revisions"][name]) for size in sizes))
            for name in names
        ]
        parts.append(table(("", *(f"{_size(size)} products" for size in sizes)), rows))
    idle = ", ".join(
        f"{figures['idle']['writer']['most_ms']:.0f} and {figures['idle']['reader']['most_ms']:.0f} ms at {_size(size)}"
        for size, figures in sizes.items()
    )
    memory = max(figures["memory_mb"] for figures in sizes.values())
    failed = sum(figures["failures"] for figures in sizes.values())
    parts.append(
        f"Longest waits when idle: {idle}. The client took {memory:.0f} MB at most. Statements of the portal that failed:"
        f" {failed}.\n"
    )
    return parts


def _revision(figures: dict[str, float]) -> str:
    waits = [figures.get(f"{role}_most_ms") for role in ("writer", "reader")]
    shown = " / ".join("–" if wait is None else f"{wait:.0f}" for wait in waits)
    return _seconds(figures["median_s"]) + ("" if waits == [None, None] else f" ({shown} ms)")


def _tables(sizes: dict[str, Any]) -> list[str]:
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
        f"Medians of {_runs(sizes)}; a table moves to the archive as it is.\n",
        table(("rows in each", *(_size(size) for size in sizes)), rows),
    ]


def _dump(sizes: dict[str, Any]) -> list[str]:
    names = {"piped": "`pg_dump -Fc \\| pg_restore`", "parallel": "`pg_dump -Fd -j2`, `pg_restore -j2`"}
    rows = [
        (title, *(_seconds(sizes[size][way]["median_s"]) for size in sizes)) for way, title in names.items()
    ]
    return [
        "## Dump and restore of the same portal at head\n",
        "What people do today instead of rolling back; nobody can work meanwhile. Medians of"
        f" {_runs({size: figures['piped'] for size, figures in sizes.items()})}.\n",
        table(("", *(f"{_size(s)} products" for s in sizes)), rows),
    ]


def _validation(sizes: dict[str, Any]) -> list[str]:
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


def _page(sizes: dict[str, Any]) -> list[str]:
    def shown(figures: dict[str, float]) -> str:
        return f"{figures['p50_ms']:.2f} / {figures['p99_ms']:.2f} ms"

    depths = list(next(iter(sizes.values()))["by_key"])
    rows = [
        (f"by key at {float(d):.1%}", *(shown(sizes[size]["by_key"][d]) for size in sizes)) for d in depths
    ]
    rows.append(("by offset, first page", *(shown(sizes[size]["by_offset_first"]) for size in sizes)))
    rows.append(("by offset, last page", *(shown(sizes[size]["by_offset_last"]) for size in sizes)))
    return [
        "## A page of the dense list\n",
        "50 client groups, every sort column in both directions, as a client meets it: median / 99th percentile.\n",
        table(("", *(f"{sizes[size]['client_groups']:,} client groups" for size in sizes)), rows),
    ]


def _summaries(sizes: dict[str, Any]) -> list[str]:
    rows: list[tuple[object, ...]] = [
        ("built from nothing", *(_seconds(sizes[s]["build"]["median_s"]) for s in sizes))
    ]
    for name in next(iter(sizes.values()))["refresh"]:
        rows.append(
            (f"`{name}` refreshed in full", *(_seconds(sizes[s]["refresh"][name]["median_s"]) for s in sizes))
        )
    rows.append(("all three in full", *(_seconds(sizes[s]["refresh_all_s"]) for s in sizes)))
    rows.append(
        ("all three after one per cent changed",
         *(f"{_seconds(sizes[s]['refresh_one_per_cent']['median_s'])} ({sizes[s]['share']:.1%})" for s in sizes))
    )  # fmt: skip
    return [
        "## Summaries\n",
        f"Medians of {_runs({size: figures['build'] for size, figures in sizes.items()})}, of the last line"
        f" {_runs({size: figures['refresh_one_per_cent'] for size, figures in sizes.items()})}.\n",
        table(("", *(f"{sizes[size]['client_groups']:,} client groups" for size in sizes)), rows),
    ]


def _commands(sizes: dict[str, Any]) -> list[str]:
    figures = sizes["0"]
    rows = [
        (title, *(_seconds(figures[name][which]) for which in ("median_s", "least_s", "most_s")))
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


def _audit(sizes: dict[str, Any]) -> list[str]:
    figures = next(iter(sizes.values()))
    names = {"none": "no audit", "ours": "row history", "full_images": "row-level trigger, full images"}
    rows = []
    for way, name in names.items():
        ratio = figures["bulk_ratio"].get(way)
        size = figures["bytes_per_row"].get(way)
        rows.append(
            (
                name,
                _seconds(figures["bulk"][way]["median_s"]) + ("" if ratio is None else f" ({ratio:.2f})"),
                f"{figures['single_ms'][way]:.2f} ms",
                "" if size is None else f"{size:,}",
            )
        )
    return [
        "## Row history\n",
        f"`client_products` with no other triggers: one UPDATE of {figures['rows']:,} rows, the median of"
        f" {figures['single_writes']:,} single-row ones (with their commit), bytes of log that a changed row adds, indexes"
        " included.\n",
        table(("", "all rows", "one row", "bytes a row"), rows),
    ]


def _verify(sizes: dict[str, Any]) -> list[str]:
    rows = [
        (
            f"{_size(size)} products", f["rollbacks"], f"{f['columns']:,}", _seconds(f["seconds"]),
            f"{f['slowest']} to {f['slowest_to']}, {_seconds(f['slowest_s'])}",
        )
        for size, f in sizes.items()
    ]  # fmt: skip
    return [
        "## `kingston verify rollback --all`\n",
        table(("", "rollbacks", "columns compared", "took", "slowest"), rows),
    ]


SECTIONS = {
    "ownership_up": _ownership,
    "whole_migration": _whole,
    "tables_down": _tables,
    "dump_restore": _dump,
    "summaries": _summaries,
    "page": _page,
    "validation": _validation,
    "audit": _audit,
    "verify_rollback": _verify,
    "commands": _commands,
}
