"""bench/: what it measures still works, and the page and the durations are those of what was measured"""

from __future__ import annotations

import contextlib
import json
import sys

import pytest

from kingston_schema.operations import plan
from kingston_schema.settings import checkout

sys.path.insert(0, str(checkout()))

from bench import (
    audit,
    durations,
    page,
    recovery,
    report,
    results,
    summaries,
    tables_down,
    targets,
    validation,
)
from bench.__main__ import SUBJECTS
from bench.report import machine, reached


class One:
    """Stands for bench.databases.Databases: the same portal for every copy."""

    def __init__(self, portal):
        self.portal = portal

    def head(self, products):
        return "head"

    @contextlib.contextmanager
    def copy(self, template):
        assert template == "head"
        yield self.portal.url


def test_the_subjects_that_need_one_portal_at_head(newest_portal_at, monkeypatch):
    one = One(newest_portal_at("head", seed=True))
    monkeypatch.setattr(audit, "SINGLE", 5)
    monkeypatch.setattr(validation, "ROWS", 50)
    monkeypatch.setattr(page, "DEPTHS", (0.5,))
    monkeypatch.setattr(summaries, "EVERY", 2)
    tables_down.fill(one.portal.url, 30)
    assert [one.portal.one(f"SELECT count(*) FROM {table}") >= 30 for table in tables_down.FILL] == [True] * 3
    assert one.portal.one("SELECT count(*) FROM row_history WHERE table_name = 'client_objectives'") == 0
    cost = audit.measure(one, 100)
    assert cost["bytes_per_row"]["ours"] > 0
    assert cost["single_writes"] == 15
    assert one.portal.one("SELECT count(*) FROM full_images WHERE old_row <> new_row") > 400
    assert set(validation.measure(one, 100)["kinds"]) == {*validation.KINDS, "the portal's documents"}
    pages = page.measure(one, 100)
    assert pages["by_key_any_depth"]["pages"] == 200
    # The triggers that note what changed were off for the measurement above.
    one.portal.run("ALTER TABLE portfolio_valuations ENABLE TRIGGER USER")
    found = summaries.measure(one, 100)
    assert found["client_groups"] == one.portal.one("SELECT count(*) FROM client_groups")
    assert found["refresh_one_per_cent"]["client_groups"] >= 1
    one.portal.run("ALTER TABLE client_products ENABLE TRIGGER USER; ALTER TABLE product_owner_products ENABLE TRIGGER USER")
    monkeypatch.setattr(recovery, "TURNS", 1)
    recovered = recovery.measure(one, 100)
    assert recovered["changes"] >= 3
    assert "## Recovery" in "".join(report.SECTIONS["recovery"]({"100": recovered}))


def test_the_page_and_the_durations_are_those_of_the_results():
    found = results.load()
    assert results.path().with_suffix(".md").read_text(encoding="utf-8") == report.markdown(found), (
        "python -m bench --report"
    )
    assert durations.path().read_text(encoding="utf-8") == durations.text(found), "python -m bench --report"
    assert set(found["subjects"]) <= set(SUBJECTS)
    assert set(report.SECTIONS) == set(SUBJECTS)


def test_a_plan_says_the_seconds_that_were_measured(newest_portal_at):
    portal = newest_portal_at("legacy", seed=True)
    shipped = json.loads(durations.path().read_text(encoding="utf-8"))["sizes"]
    size = min(int(size) for size in shipped if int(size) >= 100)
    planned = plan.run(portal.url)
    assert planned.size_class == size
    assert planned.unmeasured == ()
    for revision in planned.revisions:
        assert revision.seconds == shipped[str(size)][revision.revision]["up"]
        assert revision.measured == f"benchmark, {size:,} products"


def figures(ours: float, other: float) -> targets.Subjects:
    def way(seconds: float) -> dict[str, float]:
        return {"median_s": seconds, "least_s": seconds - 1, "most_s": seconds + 1, "runs": 3}

    return {"ownership_up": {"1000000": {"ways": {"ours": way(ours), "one_update": way(other)}}}}


@pytest.mark.parametrize(
    ("ours", "said"),
    [
        (6.0, "| ≤ 0.75× | 0.6× | reached |"),
        (9.0, "| ≤ 0.75× | 0.9× | **missed by 20%**: `op.backfill` 9.0 s (8.0 to 10.0); one UPDATE 10.0 s (9.0 to 11.0) |"),
    ],
)  # fmt: skip
def test_a_missed_target_says_by_how_much_and_what_the_run_knows(ours, said):
    line = reached.targets(figures(ours, 10.0)).splitlines()[2]
    assert line.endswith(said)


def test_what_was_not_measured_is_said_to_be_so():
    assert "| not measured | – |" in reached.targets({})


def test_a_busy_machine_is_said_to_be_so():
    def found(*shares):
        return {"page": {"10": {"measured": "2026-11-21", "others": list(shares)}}}

    assert "The machine was busy" in machine.others(found(0.2, 0.9))
    assert "The machine was busy" not in machine.others(found(0.01, 0.05))
    assert "is not known" in machine.others({})
