"""migration_monitoring_dashboard: true durations, plain codes"""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("status", "seconds", "ago", "progress", "speed"),
    [
        ("completed", 5, "1 minute", "COMPLETED", "FAST"),
        ("completed", 59.999, "1 minute", "COMPLETED", "FAST"),
        ("completed", 60, "1 minute", "COMPLETED", "MODERATE"),
        ("completed", 300, "1 minute", "COMPLETED", "SLOW"),
        ("started", None, "187 minutes 30 seconds", "RUNNING (187m)", None),
        ("failed", None, "1 minute", "FAILED", None),
        ("rolled_back", 7205, "1 minute", "ROLLED_BACK", "SLOW"),
    ],
)
def test_E071_E113_words(portal_at, status, seconds, ago, progress, speed):
    portal = portal_at("head")
    portal.run("DELETE FROM migration_log")
    portal.run(
        "INSERT INTO migration_log (phase, operation, status, execution_time_seconds, started_at)"
        " VALUES ('phase_3', 'probe', %s, %s, clock_timestamp() - %s::interval)",
        status, seconds, ago,
    )  # fmt: skip
    found = portal.one("SELECT progress_status, performance_indicator, execution_time_seconds FROM migration_monitoring_dashboard")
    assert found[:2] == (progress, speed)
    assert all(text is None or text.isascii() for text in found[:2])
    assert found[2] is None or float(found[2]) == seconds


def test_a_failure_somebody_dealt_with(portal_at):
    portal = portal_at("head")
    portal.run("INSERT INTO migration_log (phase, operation, status, resolved_at) VALUES ('x', 'y', 'failed', now())")
    assert portal.one("SELECT progress_status FROM migration_monitoring_dashboard WHERE operation = 'y'") == "RESOLVED"


def test_it_shows_this_migration_newest_first(portal_at):
    portal = portal_at("head")
    rows = portal.all("SELECT operation, started_at FROM migration_monitoring_dashboard")
    assert rows[0][0] == "up phase_6"
    assert [started for _, started in rows] == sorted((started for _, started in rows), reverse=True)
