"""run_performance_test_suite(): measured, and silent about empty tables"""

from __future__ import annotations

NAMES = ["client_ownership_retrieval", "information_items_retrieval", "json_ownership_queries", "materialized_view_performance"]


def test_E145_an_empty_table_is_not_excellent(portal_at):
    rows = portal_at("head").all("SELECT * FROM run_performance_test_suite()")
    assert [(name, grade) for name, _, _, grade in rows] == [(name, "n/a") for name in NAMES]


def test_four_probes_with_rows_and_times(portal_at):
    portal = portal_at("head", seed=True)
    rows = {name: rest for name, *rest in portal.all("SELECT * FROM run_performance_test_suite()")}
    assert sorted(rows) == NAMES
    ms, count, grade = rows["client_ownership_retrieval"]
    assert count > 10
    assert grade in ("EXCELLENT", "GOOD", "ACCEPTABLE", "POOR")
    assert 0 < ms < 60_000
    assert rows["json_ownership_queries"][2] == "n/a" or rows["json_ownership_queries"][1] > 0
