"""The lock traces that ship are what the revisions do."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import kingston_schema
from kingston_schema.operations import seed
from lock_trace import Trace, walk
from portals import revisions

FOLDER = Path(kingston_schema.__file__).parent / "catalog" / "locks"
SHIPPED = {
    trace["revision"]: trace for trace in map(json.loads, (p.read_text() for p in FOLDER.glob("*.json")))
}
# The larger portal is traced again in the long run only.
LARGE = {"clients": 14000, "products": 14000, "seed": 7}


def test_every_revision_above_legacy_has_its_trace():
    assert sorted(SHIPPED) == sorted(revisions()[1:])


@pytest.mark.parametrize("size", ["small", "large"] if os.environ.get("KINGSTON_LONG") else ["small"])
def test_a_walk_takes_the_locks_that_were_traced(newest_portal_at, size):
    portal = newest_portal_at("legacy", seed=size == "small")
    if size == "large":
        seed.run(portal.url, schema="public", **LARGE)
    scans: list[str] = []
    found = walk(portal, scans)
    for revision, shipped in SHIPPED.items():
        assert found[revision] == shipped.get(size, shipped["small"]), (
            f"{revision}: if that is meant: make locks"
        )
    # Small tables are rewritten as they lie, which keeps the order of their rows.
    rewritten = {
        table
        for steps in found.values()
        for step in (*steps["up"], *steps["down"])
        for table in step["rewrites"]
    }
    assert [scan for scan in scans if scan.split()[0] not in rewritten] == []


SCANNING = (
    "ALTER TABLE client_groups ADD CONSTRAINT above_zero CHECK (id > 0)",
    "ALTER TABLE client_groups ALTER COLUMN name SET NOT NULL",
    "CREATE INDEX by_name ON client_groups (name)",
    "LOCK TABLE client_groups IN SHARE MODE; SELECT count(*) FROM client_groups",
)


def test_a_scan_under_a_lock_is_seen(newest_portal_at):
    """What the walk above looks for, planted."""
    portal = newest_portal_at("legacy", seed=True)
    for statement in SCANNING:
        scans: list[str] = []
        trace = Trace(portal, scans)
        trace.there = {"client_groups"}
        trace.current = {"statements": 0, "locks": {}}
        with portal.engine.connect() as connection:
            trace.listen(connection)
            connection.exec_driver_sql(statement)
        assert len(scans) == 1, statement


def test_no_step_scans_or_rewrites_a_large_legacy_table_under_a_blocking_lock():
    """P4: above the documented thresholds nothing is rewritten."""
    for revision, shipped in SHIPPED.items():
        for way in ("up", "down"):
            for step in shipped.get("large", shipped["small"])[way]:
                assert step["rewrites"] == [], (revision, step)
