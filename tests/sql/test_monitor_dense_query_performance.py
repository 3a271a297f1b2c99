"""monitor_dense_query_performance(): measured now"""

from __future__ import annotations


def test_E135_E136_E152_no_constants(portal_at):
    portal = portal_at("head", seed=True)
    portal.run("INSERT INTO client_groups (name) SELECT 'Client ' || g FROM generate_series(1, 1500) AS g")
    portal.all("SELECT * FROM refresh_dirty_summaries()")
    first, second = (portal.all("SELECT * FROM monitor_dense_query_performance()") for _ in range(2))
    assert [row[0] for row in first] == ["dense_page_by_key", "dense_page_by_offset", "dense_summary_window"]
    assert [row[1:3] for row in first] != [row[1:3] for row in second], "two measurements are never all the same"
    for _, average, most, runs, status in first:
        assert 0 < average <= most
        assert runs >= 3
        assert status in ("EXCELLENT", "GOOD", "ACCEPTABLE", "POOR")
    assert portal.one("SELECT rows_returned FROM measure_query('dense_summary_window')") == 1000
    assert portal.one("SELECT rows_returned FROM measure_query('dense_page_by_offset')") == 500


def test_too_few_rows_say_nothing(portal_at):
    assert set(portal_at("head").all("SELECT performance_status FROM monitor_dense_query_performance()")) == {"n/a"}
