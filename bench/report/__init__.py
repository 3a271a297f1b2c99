"""docs/benchmarks.md out of docs/benchmarks.json, a module per section; a test compares the two."""

from __future__ import annotations

from pathlib import Path

from .. import results
from ..targets import Subjects
from . import (
    audit,
    commands,
    dump_restore,
    machine,
    ownership_up,
    page,
    reached,
    recovery,
    summaries,
    tables_down,
    validation,
    verify_rollback,
    whole_migration,
)

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
# In the order of the page.
SECTIONS = {
    "ownership_up": ownership_up.section,
    "whole_migration": whole_migration.section,
    "tables_down": tables_down.section,
    "dump_restore": dump_restore.section,
    "summaries": summaries.section,
    "page": page.section,
    "validation": validation.section,
    "audit": audit.section,
    "recovery": recovery.section,
    "verify_rollback": verify_rollback.section,
    "commands": commands.section,
}


def markdown(found: results.Results) -> str:
    """The whole page."""
    subjects: Subjects = found["subjects"]
    parts = [
        HEAD,
        machine.described(found["machine"]),
        machine.others(subjects),
        "## Targets\n",
        reached.targets(subjects),
    ]
    for subject, section in SECTIONS.items():
        if subject in subjects:
            parts += section(subjects[subject])
    return "\n".join([*parts, METHOD])


def write(found: results.Results) -> Path:
    """Write the page beside the JSON file."""
    file = results.path().with_suffix(".md")
    file.write_text(markdown(found), encoding="utf-8")
    return file
