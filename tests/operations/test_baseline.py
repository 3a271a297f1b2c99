"""kingston baseline"""

from __future__ import annotations

import pytest

from kingston_schema.operations import _workload, baseline
from kingston_schema.operations.baseline.items import Measure
from kingston_schema.operations.baseline.judging import judge
from kingston_schema.operations.baseline.measuring import shape

RUNS = ("--runs", "5")
QUERY = _workload.Query("q", "SELECT 1", warn_ms=100, critical_ms=200, multiplier=1.25)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KINGSTON_BASELINES", str(tmp_path / "baselines"))
    return tmp_path / "baselines"


def measure(median: float, noise: float = 0.0, plan: str = "Seq Scan", buffers: int = 10) -> Measure:
    return Measure("q", 30, 1, median, median, noise, buffers, plan)


@pytest.mark.parametrize("revision", ["legacy", "head"])
def test_every_query_can_be_asked_and_reads_only(portal_at, folder, revision):
    portal = portal_at(revision, seed=True)
    found = baseline.measure(portal.url, runs=3)
    assert {m.query for m in found.measures} == {q.name for q in _workload.queries(found.revision)}
    assert all(m.median_ms > 0 and m.plan for m in found.measures)


def test_it_is_recorded_listed_and_compared_across_a_migration(kingston, newest_portal_at, folder):
    portal = newest_portal_at("legacy", seed=True)
    assert kingston("baseline", "record", "--name", "before", *RUNS, portal=portal).code == 0
    portal.alembic("upgrade", "phase_3")
    document = kingston("baseline", "compare", "--tolerance", "100000", *RUNS, "--json", portal=portal).json
    assert document["ok"]
    by_name = {v["query"]: v for v in document["data"]["verdicts"]}
    assert by_name["client_groups_list"]["before_ms"] > 0
    assert by_name["product_shares"]["before_ms"] is None
    assert document["data"]["revision_before"] == "legacy"
    assert [b["name"] for b in kingston("baseline", "list", "--json").json["data"]["baselines"]] == ["before"]
    assert "before" in kingston("baseline").out


def test_a_query_that_became_slower_is_found(kingston, newest_portal_at, folder):
    """A view of the portal that sleeps: slower than any tolerance and any noise."""
    portal = newest_portal_at("legacy", seed=True)
    kingston("baseline", "record", *RUNS, portal=portal)
    portal.run("ALTER VIEW fund_activity_summary RENAME TO real_summary")
    portal.run(
        "CREATE VIEW fund_activity_summary AS SELECT r.* FROM real_summary AS r CROSS JOIN (SELECT pg_sleep(0.5)) AS s"
    )
    told = kingston("baseline", "compare", *RUNS, "--json", portal=portal)
    assert told.code == 1
    assert "fund_activity" in {f["object"] for f in told.json["findings"]}
    assert {v["query"]: v["plan_changed"] for v in told.json["data"]["verdicts"]}["fund_activity"]


@pytest.mark.parametrize(
    ("before", "now", "state"),
    [
        (measure(10), measure(12), "ok"),  # within 25 per cent
        (measure(10), measure(13), "slower"),
        (measure(10), measure(13, noise=5), "ok"),  # beyond the tolerance, not beyond the noise
        (measure(10, noise=5), measure(13), "ok"),
        (measure(150), measure(250), "critical"),  # slower, and beyond its own limit
        (None, measure(50), "new"),
        (None, measure(150), "warning"),
        (None, measure(250), "critical"),
        (measure(250), measure(251), "ok"),  # it was beyond its limit before
    ],
)
def test_how_it_judges(before, now, state):
    assert judge(before, now, QUERY).state == state


def test_a_tolerance_of_ones_own():
    assert judge(measure(10), measure(13), QUERY, tolerance=50).state == "ok"
    assert judge(measure(10), measure(12), QUERY, tolerance=10).state == "slower"


def test_the_shape_of_a_plan_has_no_numbers():
    node = {
        "Node Type": "Nested Loop", "Actual Rows": 7,
        "Plans": [{"Node Type": "Index Scan", "Relation Name": "t", "Index Name": "i", "Total Cost": 9}],
    }  # fmt: skip
    assert shape(node) == "Nested Loop(Index Scan t i)"


def test_E226_limits_of_the_documents_are_data():
    by_name = {q.name: q for q in _workload.queries("phase_6")}
    assert (by_name["client_groups_list"].warn_ms, by_name["client_groups_list"].critical_ms) == (
        150,
        300,
    )  # N-130
    assert (by_name["portfolio_summary"].critical_ms, by_name["portfolio_summary"].multiplier) == (
        1000,
        1.5,
    )  # N-131
    assert (by_name["client_information_items"].warn_ms, by_name["client_information_items"].multiplier) == (
        200,
        1.25,
    )  # N-132


def test_a_dry_run_keeps_nothing(kingston, newest_portal_at, folder):
    told = kingston("baseline", "record", *RUNS, "--dry-run", portal=newest_portal_at("legacy", seed=True))
    assert told.code == 0
    assert "nothing was kept" in told.out
    assert not folder.exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["compare"], 2, "no baseline of this database"),
        (["compare", "nothing"], 2, 'no baseline "nothing"'),
        (["record", "--name", "../x"], 2, "cannot name a baseline"),
        (["record", "--runs", "1"], 2, "--runs"),
    ],
)
def test_bad_input_is_told(kingston, newest_portal_at, folder, arguments, code, said):
    told = kingston("baseline", *arguments, "--json", portal=newest_portal_at("legacy"))
    assert told.code == code
    assert said in told.finding["message"]
