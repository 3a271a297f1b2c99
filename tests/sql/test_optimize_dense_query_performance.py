"""optimize_dense_query_performance(): does what helps, reports what it found"""

from __future__ import annotations


def report(portal) -> dict[str, tuple]:
    return {action: tuple(rest) for action, *rest in portal.all("SELECT * FROM optimize_dense_query_performance()")}


def test_E025_stale_summaries_are_refreshed_and_fresh_ones_left(portal_at):
    portal = portal_at("head", seed=True)
    assert report(portal)["Refresh summaries"][:2] == ("NOT_NEEDED", "nothing waits")
    portal.run("UPDATE client_groups SET name = 'New name' WHERE id = (SELECT min(id) FROM client_groups)")
    assert report(portal)["Refresh summaries"][0] == "NOT_NEEDED"
    portal.run("UPDATE summary_dirty SET marked_at = now() - interval '61 minutes'")
    status, impact, _ = report(portal)["Refresh summaries"]
    assert status == "COMPLETED"
    assert impact.startswith("1 client groups, ")
    assert portal.one("SELECT count(*) FROM client_dense_summary WHERE group_name = 'New name'") == 1


def test_a_missing_index_is_named(portal_at):
    portal = portal_at("head")
    assert report(portal)["Index validation"][0] == "PASS"
    portal.run("DROP INDEX idx_client_dense_summary_activity")
    assert report(portal)["Index validation"][:2] == ("WARNING", "idx_client_dense_summary_activity missing")
