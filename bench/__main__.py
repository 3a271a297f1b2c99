"""``python -m bench``: measure, write docs/benchmarks.json after every subject and size, then docs/benchmarks.md.

And catalog/durations.json of the package, from which ``kingston plan`` says seconds.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module

from . import durations, load, report, results, server
from .databases import Databases

SIZES = (10_000, 50_000, 1_000_000)
# In the order of running: what makes a portal at head comes before what uses it.  Some have sizes of their own.
SUBJECTS: dict[str, tuple[int, ...] | None] = {
    "commands": (0,),
    "ownership_up": None,  # at every size asked for
    "whole_migration": None,
    "validation": (10_000,),
    "page": None,
    "summaries": None,
    "tables_down": (0, 10_000, 1_000_000),  # rows
    "dump_restore": None,
    "audit": (50_000,),
    "recovery": (1_000, 50_000),
    "verify_rollback": (1_000, 100_000),
}


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="products; default: %(default)s")
    parser.add_argument("--subjects", nargs="*", choices=list(SUBJECTS), default=list(SUBJECTS))
    parser.add_argument(
        "--missing", action="store_true", help="only what docs/benchmarks.json does not have yet"
    )
    parser.add_argument(
        "--report", action="store_true", help="write docs/benchmarks.md again, measure nothing"
    )
    parser.add_argument(
        "--forget", action="store_true", help="remove the server and its seeded portals, measure nothing"
    )
    parser.add_argument("--seed", action="store_true", help="make the seeded portals, measure nothing")
    given = parser.parse_args(arguments)
    if given.forget:
        server.forget()
        return 0
    if given.seed:
        _seed(given.sizes or SIZES)
        return 0
    failed: list[str] = []
    if not given.report:
        failed = _measure(given.sizes or SIZES, given.subjects or list(SUBJECTS), given.missing)
    found = results.load()
    for file in (report.write(found), durations.write(found)):
        print(f"written: {file.name}")
    for name in failed:
        print(f"failed: {name}; again: python -m bench --missing", file=sys.stderr)
    return 1 if failed else 0


def _sizes(subject: str, sizes: Sequence[int]) -> Sequence[int]:
    """Those asked for; where a subject has sizes of its own, the smallest of them and what is not above those asked for."""
    own = SUBJECTS[subject]
    return sizes if own is None else [size for size in own if size <= max(min(own), *sizes, 0)]


def _seed(sizes: Sequence[int]) -> None:
    with server.running() as running:
        databases = Databases(running)
        try:
            for size in sizes:
                print(databases.seeded(size), file=sys.stderr)
        finally:
            databases.close()


def _measure(sizes: Sequence[int], subjects: Sequence[str], missing: bool) -> list[str]:
    """Returns what failed; the rest goes on."""
    failed = []
    with server.running() as running:
        machine = server.described(running)
        databases = Databases(running)
        try:
            for subject in (s for s in SUBJECTS if s in subjects):
                for size in _sizes(subject, sizes):
                    known = results.load()
                    if (
                        missing
                        and known["machine"] == machine
                        and str(size) in known["subjects"].get(subject, {})
                    ):
                        continue
                    print(f"{subject} {size:,} …", end=" ", file=sys.stderr, flush=True)
                    begun, before = time.monotonic(), load.others()
                    try:
                        figures = import_module(f"bench.{subject}").measure(databases, size)
                    except Exception:
                        traceback.print_exc()
                        failed.append(f"{subject} {size:,}")
                        continue
                    figures["others"] = [share for share in (before, load.others()) if share is not None]
                    figures["took_s"] = round(time.monotonic() - begun)
                    results.store(machine, subject, str(size), figures)
                    print(f"{figures['took_s']} s", file=sys.stderr, flush=True)
        finally:
            databases.close()
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
